"""Invented names of people, from many languages; none is meant."""

from __future__ import annotations

_FIRST = """
    Ada Aiko Alma Amara Anders Anika Arjun Asha Bao Bela Carla Cato Chidi Clara Dalia Dario Deniz Dina Edda Elio
    Elsa Emre Esra Farid Fatou Finn Gita Goran Hana Hugo Ida Ines Ivo Jamal Jana Jonas Kaito Kamal Kira Lars Leila
    Lena Luca Mads Maja Marta Mehdi Mina Nadia Nils Noor Olga Omar Otto Petra Priya Rafa Rhea Rosa Samir Sanna
    Selma Sven Tariq Thea Tomas Uma Vera Viktor Wanda Yara Yusuf Zelda Zoran
"""
_LAST = """
    Abel Adeyemi Almeida Bakker Banerjee Bauer Becker Bergman Bianchi Castillo Chandra Conrad Costa Dahl Demir
    Dubois Eriksen Farkas Fischer Fontaine Garcia Grau Haddad Hansen Hoffmann Horvat Ibrahim Iyer Jansen Jovanovic
    Kapoor Keller Kimura Kovacs Kumar Larsen Lindqvist Lopez Marino Meyer Moreau Mwangi Nagy Nakamura Novak Nowak
    Oduya Okafor Olsen Osman Patel Pereira Petrov Quist Rahman Reyes Rossi Ruiz Sato Schmidt Sharma Silva Singh
    Sorensen Tanaka Thorne Torres Ueda Vargas Vogel Weber Winter Yilmaz Zhang Ziegler
"""

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())
