//! The fields of a thing, as columns of a list and as lines of one.

use serde::Serialize;

use super::Column;

/// A thing that can be shown to people. Programs get its `Serialize` form.
pub(crate) trait Shown: Serialize + Sized + 'static {
    /// Its fields, in the order in which they are shown. The order of the listed ones is that of the
    /// cells that programs read, so a new one goes behind them.
    const FIELDS: &'static [Field<Self>];
}

/// One field of a `T`.
pub(crate) struct Field<T> {
    name: &'static str,
    is_listed: bool,
    cell: fn(&T) -> String,
    is_right: bool,
    gives_way: bool,
}

impl<T> Field<T> {
    /// A field that lists have as a column, under its name in capitals.
    pub(crate) const fn listed(name: &'static str, cell: fn(&T) -> String) -> Self {
        Self {
            is_listed: true,
            ..Self::alone(name, cell)
        }
    }

    /// A listed field whose cells stand at the right edge, as numbers.
    pub(crate) const fn number(name: &'static str, cell: fn(&T) -> String) -> Self {
        Self {
            is_right: true,
            ..Self::listed(name, cell)
        }
    }

    /// A listed field whose cells may be cut where the terminal is narrow: nothing that is copied.
    pub(crate) const fn prose(name: &'static str, cell: fn(&T) -> String) -> Self {
        Self {
            gives_way: true,
            ..Self::listed(name, cell)
        }
    }

    /// A field that is shown where its thing is alone.
    pub(crate) const fn alone(name: &'static str, cell: fn(&T) -> String) -> Self {
        Self {
            name,
            is_listed: false,
            cell,
            is_right: false,
            gives_way: false,
        }
    }
}

/// The columns of a list.
pub(crate) fn columns<T: Shown>() -> Vec<Column> {
    let listed = T::FIELDS.iter().filter(|field| field.is_listed);
    let column = |field: &Field<T>| Column {
        title: field.name.to_uppercase(),
        is_right: field.is_right,
        gives_way: field.gives_way,
    };
    listed.map(column).collect()
}

/// The cells of one thing in a list.
pub(crate) fn row<T: Shown>(thing: &T) -> Vec<String> {
    let listed = T::FIELDS.iter().filter(|field| field.is_listed);
    listed.map(|field| (field.cell)(thing)).collect()
}

/// All fields of one thing, with their names.
pub(crate) fn all<T: Shown>(thing: &T) -> Vec<(&'static str, String)> {
    let named = |field: &Field<T>| (field.name, (field.cell)(thing));
    T::FIELDS.iter().map(named).collect()
}

/// What stands for a value that is not there.
pub(crate) fn or_dash(text: Option<&str>) -> String {
    match text {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => "-".to_owned(),
    }
}

/// A value, or what stands for one that is not there.
pub(crate) fn or_dash_of(value: Option<impl ToString>) -> String {
    or_dash(value.map(|value| value.to_string()).as_deref())
}

/// A flag in a word.
pub(crate) fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// Several values in one cell.
pub(crate) fn joined<T: ToString>(values: &[T]) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    or_dash(Some(&texts.join(", ")))
}

/// A moment as the service writes it, without what is below a second.
pub(crate) fn moment(text: &str) -> String {
    let Some((seconds, rest)) = text.split_once('.') else {
        return or_dash(Some(text));
    };
    seconds.to_owned() + rest.trim_start_matches(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_to_the_second() {
        assert_eq!(
            moment("2026-11-21T12:00:00.123456Z"),
            "2026-11-21T12:00:00Z"
        );
        assert_eq!(
            moment("2026-11-21T12:00:00.5+01:00"),
            "2026-11-21T12:00:00+01:00"
        );
        for same in ["2026-11-21T12:00:00Z", "yesterday"] {
            assert_eq!(moment(same), same);
        }
        assert_eq!(moment(""), "-");
    }

    #[test]
    fn what_is_not_there_is_a_dash() {
        assert_eq!(or_dash(None), "-");
        assert_eq!(or_dash_of(Some(5)), "5");
        assert_eq!(joined(&[1, 2]), "1, 2");
        assert_eq!(joined::<i64>(&[]), "-");
    }
}
