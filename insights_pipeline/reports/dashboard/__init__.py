"""The page to explore the published database with, on Streamlit: questions apart from what is drawn."""
