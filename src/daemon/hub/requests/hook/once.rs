//! Tokens for the buttons of a message to the phone: each stands for one prompt, and is good for one
//! answer. Pure.

use std::collections::VecDeque;

/// How many tokens are known.
const MAX_TOKENS: usize = 256;

/// Letters of a token: five bits each.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The tokens that were not used yet, with their prompts, the oldest first.
#[derive(Default)]
pub struct OnceTokens(VecDeque<(String, String)>);

impl OnceTokens {
    /// The token of a prompt; a new one is made of these random bytes.
    pub fn of_prompt(
        &mut self,
        prompt: &str,
        random: impl FnOnce() -> Option<[u8; 32]>,
    ) -> Option<String> {
        if let Some((token, _)) = self.0.iter().find(|it| it.1 == prompt) {
            return Some(token.clone());
        }
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte & 31)]);
        let token: String = random()?.iter().map(letter).collect();
        if self.0.len() >= MAX_TOKENS {
            self.0.pop_front();
        }
        self.0.push_back((token.clone(), prompt.to_owned()));
        Some(token)
    }

    /// The prompt of a token, which is used up with that.
    pub fn take(&mut self, token: &str) -> Option<String> {
        let at = self.0.iter().position(|it| it.0 == token)?;
        self.0.remove(at).map(|it| it.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_one_answer_to_one_prompt() {
        let mut tokens = OnceTokens::default();
        let first = tokens.of_prompt("one", || Some([7; 32])).unwrap();
        assert_eq!(first.len(), 32);
        assert_eq!(tokens.of_prompt("one", || Some([9; 32])), Some(first.clone()));
        let second = tokens.of_prompt("two", || Some([8; 32])).unwrap();
        assert_ne!(first, second);
        assert_eq!(tokens.of_prompt("three", || None), None);
        assert_eq!(tokens.take("other"), None);
        assert_eq!(tokens.take(&first).as_deref(), Some("one"));
        assert_eq!(tokens.take(&first), None);
        for number in 0..MAX_TOKENS {
            let mut bytes = [31; 32];
            bytes[0] = u8::try_from(number % 32).unwrap();
            bytes[1] = u8::try_from(number / 32).unwrap();
            tokens.of_prompt(&number.to_string(), || Some(bytes));
        }
        assert_eq!(tokens.take(&second), None);
    }
}
