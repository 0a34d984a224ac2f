//! Texts of the service on a terminal: how wide they are, where they are cut, and what they must not
//! do there.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text of the service must not steer a terminal, break a row, or turn the direction of its
/// neighbours (the controls of Unicode's bidirectional algorithm, UAX 9).
pub(crate) fn harmless(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, " ")
}

/// What stands for each letter outside ASCII on a terminal that has no others.
pub(super) fn ascii(text: &str) -> String {
    let letter = |letter: char| if letter.is_ascii() { letter } else { '?' };
    text.chars().map(letter).collect()
}

/// The columns of the terminal that the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, or as much of its beginning as fits into `room` with a sign that something is missing.
pub(crate) fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(width(ellipsis));
    let fits = |letter: &char| {
        let needed = letter.width().unwrap_or(0);
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    // A text may be wider than its letters: VS16 makes the one before it wide.
    while width(&cut) + width(ellipsis) > room && cut.pop().is_some() {}
    cut + ellipsis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_room_and_wide_letters_count_twice() {
        let cuts = [
            ("gold", 4, "gold"),
            ("golden", 4, "gol…"),
            ("黄金貨幣", 8, "黄金貨幣"),
            ("黄金貨幣", 7, "黄金貨…"),
            ("黄金貨幣", 6, "黄金…"),
            ("golden", 1, "…"),
        ];
        for (text, room, expected) in cuts {
            let cut = cut(text, room, "…");
            assert_eq!(cut, expected, "{text} in {room}");
            assert!(width(&cut) <= room, "{cut}");
        }
        assert_eq!(cut("golden", 4, ".."), "go..");
    }

    #[test]
    fn a_text_that_is_wider_than_its_letters_fits_when_it_is_cut() {
        let heart = "\u{2764}\u{fe0f}";
        assert_eq!(width(heart), 2);
        let family = "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        for text in [
            heart.repeat(8),
            family.repeat(8),
            format!("{family}{heart}gold"),
        ] {
            for room in 1..=20 {
                let cut = cut(&text, room, "…");
                assert!(width(&cut) <= room, "{cut} in {room}");
            }
        }
        assert_eq!(cut(&heart.repeat(8), 5, "…"), format!("{heart}{heart}…"));
    }

    #[test]
    fn a_text_cannot_steer_the_terminal_nor_turn_its_neighbours() {
        assert_eq!(harmless("a\u{1b}[2J\tb\u{202e}c\u{2028}"), "a [2J b c ");
        assert_eq!(ascii("Münze 黄"), "M?nze ?");
    }
}
