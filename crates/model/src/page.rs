//! A part of a long list.

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many items come before it.
    pub offset: u64,
    /// How many items it has at the most.
    pub limit: u64,
}

/// A part of a list, and how long the whole is.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Items in the whole list.
    pub total: u64,
    /// The items of this part, in the list's order.
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// A part of a list that is all there.
    pub fn cut(all: Vec<T>, slice: Slice) -> Self {
        let at = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            total: all.len() as u64,
            items: all
                .into_iter()
                .skip(at(slice.offset))
                .take(at(slice.limit))
                .collect(),
        }
    }

    /// The same page with every item converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            total: self.total,
            items: self.items.into_iter().map(convert).collect(),
        }
    }
}
