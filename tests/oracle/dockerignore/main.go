// What moby's patternmatcher makes of the inputs of generate.py: an ignore file and a path, both in
// hexadecimal, a line; one answer a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func answer(file []byte, path string) string {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(file))
	if err != nil {
		return "error"
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return "error"
	}
	matched, err := matcher.MatchesOrParentMatches(path)
	if err != nil {
		return "error"
	}
	if matched {
		return "excluded"
	}
	return "kept"
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		file, path, _ := strings.Cut(lines.Text(), " ")
		f, _ := hex.DecodeString(file)
		p, _ := hex.DecodeString(path)
		fmt.Println(answer(f, string(p)))
	}
}
