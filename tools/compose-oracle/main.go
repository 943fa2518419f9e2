// compose-oracle loads compose files with compose-go, the library behind `docker compose config`, and prints the merged
// model as one canonical JSON document: the answer that Aethel's own reader is compared with. README.md says which
// options are chosen and where the output differs from `docker compose config`.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sirupsen/logrus"
)

// Set is one project to load. In batch mode it is one line of standard input.
type Set struct {
	ID               string            `json:"id,omitempty"`
	Directory        string            `json:"directory,omitempty"`         // where relative files start; default: the process's
	ProjectDirectory string            `json:"project_directory,omitempty"` // as --project-directory, relative to directory
	Files            []string          `json:"files,omitempty"`             // as -f, in order; none: compose's default files
	EnvFiles         []string          `json:"env_files,omitempty"`         // as --env-file; none: .env of the project directory
	Env              map[string]string `json:"env,omitempty"`               // stands for the process's environment
	Profiles         []string          `json:"profiles,omitempty"`          // none: all of them
	Name             string            `json:"name,omitempty"`              // as --project-name
	NoInterpolate    bool              `json:"no_interpolate,omitempty"`
}

// Answer holds a model or an error, never both.
type Answer struct {
	ID       string          `json:"id,omitempty"`
	Model    json.RawMessage `json:"model,omitempty"`
	Error    string          `json:"error,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
}

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

type assignments map[string]string

func (a assignments) String() string { return "" }
func (a assignments) Set(v string) error {
	name, value, found := strings.Cut(v, "=")
	if !found || name == "" {
		return fmt.Errorf("want NAME=VALUE, got %q", v)
	}
	a[name] = value
	return nil
}

func main() {
	set := Set{Env: map[string]string{}}
	var batch bool
	flag.Var((*list)(&set.Files), "f", "compose `FILE`, may be repeated (default: compose's default files)")
	flag.StringVar(&set.ProjectDirectory, "project-directory", "", "project `DIRECTORY` (default: that of the first file)")
	flag.Var((*list)(&set.Profiles), "profile", "`PROFILE` to enable, * for all, may be repeated (default: all)")
	flag.Var((*list)(&set.EnvFiles), "env-file", "`FILE` read instead of the project directory's .env, may be repeated")
	flag.Var(assignments(set.Env), "env", "`NAME=VALUE` that stands for a variable of the process's environment, may be repeated")
	flag.StringVar(&set.Name, "project-name", "", "project `NAME`")
	flag.BoolVar(&set.NoInterpolate, "no-interpolate", false, "do not interpolate; prints the untyped model")
	flag.BoolVar(&batch, "batch", false, "read sets as JSON lines from standard input, write answers as JSON lines")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "compose-oracle: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}

	// Whatever the caller's environment says (COMPOSE_FILE, HOME, DOCKER_...) must not reach the answer.
	os.Clearenv()
	logrus.SetOutput(io.Discard)

	if batch {
		if err := answerLines(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "compose-oracle:", err)
			os.Exit(2)
		}
		return
	}
	answer := solve(set)
	for _, warning := range answer.Warnings {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	if answer.Error != "" {
		printDocument(map[string]string{"error": answer.Error})
		os.Exit(1)
	}
	os.Stdout.Write(append(answer.Model, '\n'))
}

func printDocument(document any) {
	text, err := canonicalJSON(document)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(text, '\n'))
}

func answerLines(in io.Reader, out io.Writer) error {
	start, err := os.Getwd()
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bufio.NewReader(in))
	decoder.DisallowUnknownFields()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var set Set
		if err := decoder.Decode(&set); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if !filepath.IsAbs(set.Directory) {
			set.Directory = filepath.Join(start, set.Directory)
		}
		if err := encoder.Encode(solve(set)); err != nil {
			return err
		}
	}
}
