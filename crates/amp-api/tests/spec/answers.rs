//! The readers of answers against the description.

use amp_api::ErrorBody;
use bytes::Bytes;

use crate::cases;
use crate::description::operation;
use crate::samples::{full, samples};
use crate::schema::mistakes;

// A-69, W-A27, W-A39: what the description allows is read, and nothing of it is lost.
#[test]
fn whatever_the_description_allows_is_read_and_kept() {
    let mut read = 0;
    for case in cases::all() {
        let id = case.operation.id();
        for success in operation(id).successes() {
            let Some(schema) = success.schema else {
                continue;
            };
            assert_eq!(mistakes(schema, &full(schema)), [""; 0], "{id}");
            for sample in samples(schema) {
                let (label, value) = (sample.label, sample.value);
                let got = case.read(&value);
                let got = got.unwrap_or_else(|error| {
                    panic!("{id} {}, {label}: {error}: {value}", success.status)
                });
                let lost = case.lost(&value, &got);
                assert!(
                    lost.is_empty(),
                    "{id} {}, {label}: {lost:?}",
                    success.status
                );
                read += 1;
            }
        }
    }
    assert!(read > 1000, "{read} answers were made");
}

#[test]
fn the_examples_of_the_description_are_read_and_agree_with_their_own_schema() {
    for case in cases::all() {
        let id = case.operation.id();
        for success in operation(id).successes() {
            for example in success.examples {
                let wrong = mistakes(success.schema.unwrap(), example);
                assert!(wrong.is_empty(), "{id}: {wrong:?}");
                let got = case.read(example).unwrap();
                let lost = case.lost(example, &got);
                assert!(lost.is_empty(), "{id}: {lost:?}");
            }
        }
    }
}

// no body, an empty object and anything else are the same where there is no result.
#[test]
fn an_answer_without_a_result_is_read_whatever_its_body_is() {
    for case in cases::all() {
        let id = case.operation.id();
        for success in operation(id).successes() {
            if success.schema.is_some() {
                continue;
            }
            for body in ["", "{}", "[1]", "\"done\"", "null"] {
                let got = case.read_bytes(&Bytes::from_static(body.as_bytes()));
                assert!(got.is_ok(), "{id} {} {body:?}: {got:?}", success.status);
            }
        }
    }
}

// W-A14: the reason that came with a refusal is found.
#[test]
fn the_message_is_found_in_every_example_of_a_refusal() {
    for row in amp_api::operations::ALL {
        for example in operation(row.id()).failures() {
            let body = ErrorBody::read(example.to_string().as_bytes());
            assert!(body.message().is_some(), "{}: {example}", row.id());
        }
    }
}
