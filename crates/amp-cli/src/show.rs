//! How results look: columns and fields of things, tables, and what the terminal can do.

mod field;
mod screen;
mod table;
mod text;

pub(crate) use field::{
    Field, Shown, all, columns, joined, moment, or_dash, or_dash_of, row, yes_or_no,
};
pub(crate) use screen::Screen;
pub(crate) use table::{Column, aligned, card, tabbed};
pub(crate) use text::{cut, harmless};
