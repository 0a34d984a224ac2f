//! Nothing but the examples beside it: the layers of `retry` around tonic and around reqwest.
