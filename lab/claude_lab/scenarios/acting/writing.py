"""Texts of many scripts, sent with `vmux send`: what a terminal or Claude Code draws otherwise than it was given."""

import json
import time
import unicodedata

from ...pod import screen
from ...pod.truth import IDLE
from .. import scenario
from .keys import SINCE, allowed

TEXTS = {
    "hebrew": "שלום עולם, abc 123 סוף",
    "arabic": "مرحبا بالعالم abc 12 نهاية",
    "persian": "می‌خواهم این را اجرا کنم",
    "override": "run \u202eabc def\u202c now",
    "marks of direction": "a \u200eb\u200f c \u2067d\u2069 e",
    "old hangul": "\u1112\u119e\u11ab \u1100\u1161\u11a8 text",
    "hangul in parts": "\u1112\u1161\u11ab\u1100\u1173\u11af word",
    "hangul": "한글을 시험한다 그리고",
    "devanagari": "नमस्ते दुनिया क्षत्रिय",
    "thai": "สวัสดีชาวโลก ที่นี่",
    "tamil": "வணக்கம் உலகம்",
    "tibetan": "བོད་སྐད་ཡིག",
    "burmese": "မြန်မာစာ",
    "khmer": "ភាសាខ្មែរ",
    "kana with marks": "か\u3099き\u3099 ハ\u309a word",
    "chinese": "你好，世界。请运行测试",
    "full width": "ＡＢＣ　１２３ ﾊﾝｶｸ",
    "vietnamese in parts": "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "greek and cyrillic": "Ελληνικά και Кириллица й и\u0306",
    "zalgo": "z\u0300\u0301\u0302\u0303\u0304\u0305a\u0306\u0307l g",
    "emoji": "a 👨‍👩‍👧‍👦 b 🏳️‍🌈 c 🇩🇪 d 1️⃣ e 👍🏽 f ☺️ g ☺",
    "symbols": "→ ⇒ ✓ ✗ ★ … “a” — ½ ² ™ ©",
    "private use": "a \ue0b0 b \uf09b c \U000f0001 d",
    "not assigned": "a \u0378 b \U000e0fff c \ufffe d",
    "soft hyphen": "so\u00adft no\u00a0break th\u2009in \u3000wide",
    "line separator": "one\u2028two\u2029three",
    "braille and boxes": "⠓⠑⠇⠇⠕ ┌─┐ │ █ ▓",
    "old scripts": "𓀀𓁐 𒀀 𐎀 𝒜𝓫 𝔸",
    "music": "a 𝅘𝅥𝅮 b 𝄞",
    "tags": "a 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f b",
    "only marks": "\u0301\u0302",
    "only invisible": "\u200b\u200d",
    "quotes of a shell": "it's \"$(x)\" `y` \\ #{z} ; %d",
    "dollar words": "$HOME ~ & && || > < | * ? [a] {b,c}",
}


@scenario("send-scripts", since=SINCE)
def send_scripts(lab):
    """Each text is sent as it is, or refused before anything is typed; none is left in the box."""
    session = allowed(lab, {})
    for name, text in TEXTS.items():
        session.shows(IDLE)
        code, said = lab.vmux.run("send", str(session.pid), "--", text)
        if code == 12:  # On a machine that is too busy it may go a moment later.
            time.sleep(5)
            code = 12 if screen.prompt_box(session.screen()).strip("❯> \xa0") else 0
        lab.check(f"{name}: sent, or refused", code in (0, 4, 11), (code, said, session.screen()[-600:]))
        if code == 12:
            session.wipe(screen.prompt_box(session.screen()))
            continue
        session.shows(IDLE, for_seconds=0.6)
        if code == 0:
            prompts = " ".join(it.read_text("utf8", "replace") for it in lab.config.glob("projects/*/*.jsonl"))
            # 2.1.332 composes letters (NFC), and takes invisible characters out.
            whole = [text, unicodedata.normalize("NFC", text)]
            lab.note(f"{name}: {'whole' if any(it in _plain(prompts) for it in whole) else 'changed'}")


def _plain(records):
    """Records with `\\uXXXX` and the like as the characters that they are."""
    out = []
    for line in records.splitlines():
        try:
            out.append(json.dumps(json.loads(line), ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\"))
        except ValueError:
            continue
    return "\n".join(out)
