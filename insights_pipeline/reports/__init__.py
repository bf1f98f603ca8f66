"""From the published database to what people look at: pages, files and DataFrames. Nothing here writes to it or asks JumpCloud."""
