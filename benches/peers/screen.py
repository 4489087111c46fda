"""What a terminal would show: enough of a VT100 for the programs here, which place and print."""

import re

TOKEN = re.compile(
    r"\x1b\[([?>=!]?)([\d;:]*)[ !\"$']?([@-~])|\x1b[\]P_^].*?(?:\x07|\x1b\\)|\x1b[()#%].|\x1b[@-Z\\=>78c]", re.S
)


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.rest = ""

    def text(self):
        return ["".join(line) for line in self.lines]

    def feed(self, text):
        text, at = self.rest + text, 0
        self.rest = ""
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            token = TOKEN.match(text, at)
            if token is None:
                # Cut in the middle, or nothing we know.
                if len(text) - at < 4096:
                    self.rest = text[at:]
                    return
                at += 1
                continue
            if token[3] and not token[1]:
                self.control(token[3], [int(it or 0) for it in re.split("[;:]", token[2])])
            at = token.end()

    def put(self, char):
        if char == "\n":
            self.row += 1
        elif char == "\r":
            self.column = 0
        elif char == "\b":
            self.column = max(0, self.column - 1)
        elif char >= " ":
            if self.column >= self.columns:
                self.row, self.column = self.row + 1, 0
            if self.row < self.rows:
                self.lines[self.row][self.column] = char
            self.column += 1
        if self.row >= self.rows:
            self.lines = [*self.lines[1:], [" "] * self.columns]
            self.row = self.rows - 1

    def control(self, kind, numbers):
        first = max(1, numbers[0])
        if kind in "Hf":
            self.row = min(first, self.rows) - 1
            self.column = min(max(1, numbers[1] if len(numbers) > 1 else 1), self.columns) - 1
        elif kind == "G":
            self.column = first - 1
        elif kind == "d":
            self.row = min(first, self.rows) - 1
        elif kind == "A":
            self.row = max(0, self.row - first)
        elif kind == "B":
            self.row = min(self.rows - 1, self.row + first)
        elif kind == "C":
            self.column += first
        elif kind == "D":
            self.column = max(0, self.column - first)
        elif kind == "X":
            self.blank(self.row, self.column, self.column + first)
        elif kind == "K":
            begin, end = [(self.column, self.columns), (0, self.column + 1), (0, self.columns)][numbers[0]]
            self.blank(self.row, begin, end)
        elif kind == "J":
            rows = [range(self.row + 1, self.rows), range(self.row), range(self.rows)][min(numbers[0], 2)]
            for row in rows:
                self.blank(row, 0, self.columns)
            if numbers[0] < 2:
                self.control("K", numbers)

    def blank(self, row, begin, end):
        end = min(end, self.columns)
        self.lines[row][begin:end] = [" "] * max(0, end - begin)
