// What compose-go and BuildKit make of the inputs of generate.py: one input in hexadecimal a
// line, one answer a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/sirupsen/logrus"
)

// The environment of the tests; syntax_compose_template_test.cc has it too.
var environment = map[string]string{"FOO": "first", "BAR": "", "JSON": `{"json":2}`, "A": "a"}

func lookup(name string) (string, bool) { value, ok := environment[name]; return value, ok }

func text(s string) string { return hex.EncodeToString([]byte(s)) }

func substitute(input string) string {
	value, err := template.Substitute(input, lookup)
	var missing *template.MissingRequiredError
	if errors.As(err, &missing) {
		return "missing " + text(missing.Variable) + " " + text(missing.Reason)
	}
	if err != nil {
		return "invalid"
	}
	return "ok " + text(value)
}

func readEnv(input string) string {
	values, err := dotenv.ParseWithLookup(strings.NewReader(input), lookup)
	if err != nil {
		return "error"
	}
	var pairs []string
	for key, value := range values {
		pairs = append(pairs, text(key)+"="+text(value))
	}
	sort.Strings(pairs)
	return strings.TrimSpace("ok " + strings.Join(pairs, " "))
}

type globals map[string]string

func (g globals) Get(name string) (string, bool) { value, ok := g[name]; return value, ok }
func (g globals) Keys() []string                 { return nil }

// Instructions as NAME:line:flags:heredocs, then stages as name=base.
func readDockerfile(input string) string {
	result, err := parser.Parse(bytes.NewReader([]byte(input)))
	if err != nil {
		return "error"
	}
	var words []string
	for _, node := range result.AST.Children {
		words = append(words, fmt.Sprintf("%s:%d:%d:%d", strings.ToUpper(node.Value), node.StartLine,
			len(node.Flags), len(node.Heredocs)))
	}
	answer := "ok " + strings.Join(words, " ") + " |"
	stages, arguments, err := instructions.Parse(result.AST, linter.New(&linter.Config{}))
	if err != nil {
		return answer + " error"
	}
	lexer := shell.NewLex(result.EscapeToken)
	values := globals{}
	for _, command := range arguments {
		for _, argument := range command.Args {
			if argument.Value == nil {
				continue
			}
			word, err := lexer.ProcessWordWithMatches(*argument.Value, values)
			if err != nil {
				return answer + " error"
			}
			values[argument.Key] = word.Result
		}
	}
	for _, stage := range stages {
		word, err := lexer.ProcessWordWithMatches(stage.BaseName, values)
		if err != nil {
			return answer + " error"
		}
		answer += " " + stage.Name + "=" + text(word.Result)
	}
	return answer
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	read := map[string]func(string) string{
		"compose_template": substitute, "dotenv": readEnv, "dockerfile": readDockerfile}[os.Args[1]]
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<24), 1<<24)
	for input.Scan() {
		raw, err := hex.DecodeString(input.Text())
		if err != nil {
			panic(err)
		}
		fmt.Println(read(string(raw)))
	}
}
