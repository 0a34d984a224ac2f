//! Rows as text: aligned on a terminal, with tabs for a program.

use super::text::width;
use super::{Screen, cut, harmless};

/// What is between two columns.
const GAP: &str = "  ";

/// The least that is left of a column that gives way.
const LEAST: usize = 8;

/// One column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) title: String,
    /// Whether its cells stand at the right edge, as numbers do.
    pub(crate) is_right: bool,
    /// Whether its cells may be cut where the terminal is narrow. What is copied must not be.
    pub(crate) gives_way: bool,
}

impl Column {
    /// Columns under these titles, of which nothing is cut.
    pub(crate) fn whole(titles: &[&str]) -> Vec<Self> {
        let column = |title: &&str| Self {
            title: (*title).to_owned(),
            is_right: false,
            gives_way: false,
        };
        titles.iter().map(column).collect()
    }
}

/// Rows under their titles. Where a terminal is too narrow for that, each row is a block of lines
/// of its own.
pub(crate) fn aligned(columns: &[Column], rows: &[Vec<String>], screen: &Screen) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| screen.letters(cell)).collect())
        .collect();
    match widths(columns, &rows, screen.width) {
        Some(widths) => grid(columns, &rows, &widths, screen),
        None => blocks(columns, &rows, screen),
    }
}

/// The fields of one thing, each on its line; values are never cut.
pub(crate) fn card(fields: &[(&str, String)], screen: &Screen) -> String {
    let widest = fields
        .iter()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or(0);
    let lines = fields.iter().map(|(name, value)| {
        let room = " ".repeat(widest - width(name));
        format!("{}{room}{GAP}{}", screen.bold(name), screen.letters(value))
            .trim_end()
            .to_owned()
            + "\n"
    });
    lines.collect()
}

/// Rows with tabs and nothing else, for programs.
pub(crate) fn tabbed(rows: &[Vec<String>]) -> String {
    let lines = rows.iter().map(|row| {
        let cells: Vec<_> = row.iter().map(|cell| harmless(cell)).collect();
        cells.join("\t") + "\n"
    });
    lines.collect()
}

/// How wide each column is so that all fit; the widest gives way first.
fn widths(columns: &[Column], rows: &[Vec<String>], room: usize) -> Option<Vec<usize>> {
    let natural = |(index, column): (usize, &Column)| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
        widest.max(width(&column.title))
    };
    let mut widths: Vec<_> = columns.iter().enumerate().map(natural).collect();
    let gaps = GAP.len() * columns.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let gives = |(index, width): &(usize, &mut usize)| {
            columns[*index].gives_way && **width > LEAST.max(columns[*index].title.len())
        };
        let widest = widths
            .iter_mut()
            .enumerate()
            .filter(gives)
            .max_by_key(|(_, width)| **width);
        *widest?.1 -= 1;
    }
    Some(widths)
}

fn grid(columns: &[Column], rows: &[Vec<String>], widths: &[usize], screen: &Screen) -> String {
    let titles: Vec<_> = columns.iter().map(|column| column.title.clone()).collect();
    let head = line(columns, &titles, widths, screen);
    let body = rows
        .iter()
        .map(|row| line(columns, row, widths, screen) + "\n");
    screen.bold(&head) + "\n" + &body.collect::<String>()
}

fn line(columns: &[Column], cells: &[String], widths: &[usize], screen: &Screen) -> String {
    let cell = |((column, cell), room): ((&Column, &String), &usize)| {
        let cell = cut(cell, *room, screen.ellipsis());
        let blanks = " ".repeat(room.saturating_sub(width(&cell)));
        match column.is_right {
            true => blanks + &cell,
            false => cell + &blanks,
        }
    };
    let cells = columns.iter().zip(cells).zip(widths).map(cell);
    let cells: Vec<_> = cells.collect();
    cells.join(GAP).trim_end().to_owned()
}

fn blocks(columns: &[Column], rows: &[Vec<String>], screen: &Screen) -> String {
    let block = |row: &Vec<String>| {
        let lines = columns.iter().zip(row).map(|(column, cell)| {
            let name = format!("{}:", column.title.to_lowercase());
            format!("{} {cell}\n", screen.bold(&name))
        });
        lines.collect::<String>()
    };
    rows.iter().map(block).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> [Column; 3] {
        [
            ("ID", false, false),
            ("NAME", false, true),
            ("UNITS", true, false),
        ]
        .map(|(title, is_right, gives_way)| Column {
            title: title.to_owned(),
            is_right,
            gives_way,
        })
    }

    fn screen(width: usize) -> Screen {
        Screen {
            width,
            unicode: true,
            styled: false,
            steerable: true,
        }
    }

    fn rows() -> Vec<Vec<String>> {
        vec![
            vec!["a-1".into(), "Gold".into(), "21".into()],
            vec![
                "b-22".into(),
                "Silver coin of 2026 黄".into(),
                "1000000".into(),
            ],
        ]
    }

    #[test]
    fn a_table_is_aligned_under_its_titles_and_numbers_stand_at_the_right() {
        let expected = "\
ID    NAME                      UNITS
a-1   Gold                         21
b-22  Silver coin of 2026 黄  1000000
";
        assert_eq!(aligned(&columns(), &rows(), &screen(37)), expected);
    }

    #[test]
    fn what_may_give_way_is_cut_to_the_width_of_the_terminal() {
        let expected = "\
ID    NAME        UNITS
a-1   Gold           21
b-22  Silver …  1000000
";
        let text = aligned(&columns(), &rows(), &screen(23));
        assert_eq!(text, expected);
        let ascii = Screen {
            unicode: false,
            ..screen(23)
        };
        assert!(aligned(&columns(), &rows(), &ascii).contains("Silver..  1000000"));
    }

    #[test]
    fn a_terminal_that_is_too_narrow_shows_blocks_with_nothing_cut() {
        let expected = "\
id: a-1
name: Gold
units: 21

id: b-22
name: Silver coin of 2026 黄
units: 1000000
";
        assert_eq!(aligned(&columns(), &rows(), &screen(22)), expected);
    }

    #[test]
    fn letters_that_others_make_wide_or_join_leave_no_line_too_long() {
        for name in ["\u{2764}\u{fe0f}", "\u{1f469}\u{200d}\u{1f467}"] {
            let row = vec!["a-1".into(), name.repeat(12), "21".into()];
            for room in 23..=40 {
                let text = aligned(
                    &columns(),
                    &[rows(), vec![row.clone()]].concat(),
                    &screen(room),
                );
                assert!(text.lines().all(|line| width(line) <= room), "{text}");
            }
        }
    }

    #[test]
    fn a_card_has_its_names_in_one_column() {
        let fields = [("asset uuid", "a-1".to_owned()), ("memo", String::new())];
        assert_eq!(card(&fields, &screen(5)), "asset uuid  a-1\nmemo\n");
        let styled = Screen {
            styled: true,
            ..screen(80)
        };
        assert!(card(&fields, &styled).starts_with("\u{1b}[1masset uuid\u{1b}[0m  a-1"));
    }

    #[test]
    fn rows_for_programs_have_tabs_no_titles_and_no_control_characters() {
        let rows = vec![
            vec!["Gold".into(), "GLD".into()],
            vec!["S\u{1b}[2J\t".into()],
        ];
        assert_eq!(tabbed(&rows), "Gold\tGLD\nS [2J \n");
    }
}
