//! Which part of an asset's history is asked for.

use crate::{InvalidRequest, Request};

/// Which rows of a history are wanted, and in which order; by default all of them.
///
/// The parameters go into the query string, where the service looks for them (W-A28).
///
/// ```
/// use amp_api::{HistoryFilter, SortOrder};
///
/// let latest = HistoryFilter::new().with_count(20).with_sort_order(SortOrder::Descending);
/// let older = latest.next_page(20).expect("a full page may have a next one");
/// assert_eq!(latest.next_page(19), None);
/// # let _ = older;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    start: Option<i64>,
    count: Option<u32>,
    sort_column: Option<String>,
    sort_order: Option<SortOrder>,
    height_start: Option<i64>,
    height_stop: Option<i64>,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum SortOrder {
    /// From the smallest to the largest; the service's default.
    Ascending,
    /// From the largest to the smallest.
    Descending,
}

impl SortOrder {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

impl HistoryFilter {
    /// Everything, in the service's order.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first row, counted from 1; a negative number counts from the end. The service's
    /// default is 1.
    #[must_use]
    pub fn with_start(mut self, start: i64) -> Self {
        self.start = Some(start);
        self
    }

    /// The most rows to answer with. The service's default is 100,000.
    #[must_use]
    pub fn with_count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// The column to sort by: its name, or its number from 1. The service's default is 1.
    #[must_use]
    pub fn with_sort_column(mut self, column: impl Into<String>) -> Self {
        self.sort_column = Some(column.into());
        self
    }

    /// The direction to sort in. The service's default is ascending.
    #[must_use]
    pub fn with_sort_order(mut self, order: SortOrder) -> Self {
        self.sort_order = Some(order);
        self
    }

    /// The lowest block height, inclusive.
    #[must_use]
    pub fn with_height_start(mut self, height: i64) -> Self {
        self.height_start = Some(height);
        self
    }

    /// The highest block height, inclusive.
    #[must_use]
    pub fn with_height_stop(mut self, height: i64) -> Self {
        self.height_stop = Some(height);
        self
    }

    /// The page behind this one, which had so many rows. `None` when this was the last: it was
    /// not full, has no limit, or was counted from the end and reached it.
    #[must_use]
    pub fn next_page(&self, rows: usize) -> Option<Self> {
        let count = self.count.filter(|&count| count > 0)?;
        if rows < usize::try_from(count).ok()? {
            return None;
        }
        let start = self.start.unwrap_or(1);
        let next = start.checked_add(i64::from(count))?;
        if start < 0 && next >= 0 {
            return None;
        }
        Some(self.clone().with_start(next))
    }

    /// The request with these parameters in its query.
    pub(crate) fn apply(&self, request: Request) -> Result<Request, InvalidRequest> {
        if self.start == Some(0) {
            let (field, rule) = ("start", "counts from 1, or from -1 at the end");
            return Err(InvalidRequest::Field { field, rule });
        }
        if self.count == Some(0) {
            let (field, rule) = ("count", "must be at least 1");
            return Err(InvalidRequest::Field { field, rule });
        }
        let order = self.sort_order.map(SortOrder::as_str);
        let parameters = [
            ("start", self.start.map(|row| row.to_string())),
            ("count", self.count.map(|rows| rows.to_string())),
            ("sortcolumn", self.sort_column.clone()),
            ("sortorder", order.map(str::to_owned)),
            ("height_start", self.height_start.map(|at| at.to_string())),
            ("height_stop", self.height_stop.map(|at| at.to_string())),
        ];
        let given = parameters
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        Ok(request.with_query(given))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activity, AssetTransaction, BaseUrl};

    fn all() -> HistoryFilter {
        HistoryFilter::new()
            .with_start(-10)
            .with_count(5)
            .with_sort_column("block height")
            .with_sort_order(SortOrder::Descending)
            .with_height_start(100)
            .with_height_stop(200)
    }

    // W-A28: upstream put them into the body of a GET, where nobody looks.
    #[test]
    fn filters_go_into_the_query_and_never_into_a_body() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let query = "start=-10&count=5&sortcolumn=block%20height&sortorder=desc\
                     &height_start=100&height_stop=200";
        let calls = [
            Activity::list("u", &all()).unwrap().request().clone(),
            AssetTransaction::list("u", &all())
                .unwrap()
                .request()
                .clone(),
        ];
        for request in calls {
            let sent = request.to_http(&base).unwrap();
            assert_eq!(sent.uri().query(), Some(query));
            assert!(sent.body().is_empty());
        }
        let everything = Activity::list("u", &HistoryFilter::new()).unwrap();
        let sent = everything.request().to_http(&base).unwrap();
        assert_eq!(
            sent.uri().path_and_query().unwrap(),
            "/api/assets/u/activities"
        );
    }

    // A-72: upstream said that rows count from zero.
    #[test]
    fn rows_that_cannot_be_meant_are_refused_before_any_request() {
        for (filter, name) in [
            (HistoryFilter::new().with_start(0), "start"),
            (HistoryFilter::new().with_count(0), "count"),
        ] {
            let error = Activity::list("u", &filter).unwrap_err();
            assert!(
                matches!(error, InvalidRequest::Field { field, .. } if field == name),
                "{error}"
            );
        }
    }

    #[test]
    fn pages_follow_each_other_until_one_is_not_full() {
        let first = HistoryFilter::new().with_count(10).with_height_start(7);
        let second = first.next_page(10).unwrap();
        assert_eq!(second, first.clone().with_start(11));
        let third = second.next_page(10).unwrap();
        assert_eq!(third.start, Some(21));
        assert_eq!(third.next_page(9), None);
        assert_eq!(HistoryFilter::new().next_page(100_000), None);
        let from_the_end = first.with_start(-15);
        let rest = from_the_end.next_page(10).unwrap();
        assert_eq!((rest.start, rest.next_page(10)), (Some(-5), None));
    }
}
