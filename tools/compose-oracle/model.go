package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/pkg/kvfile"
	"github.com/sirupsen/logrus"
)

// docker compose adds this format to compose-go's own one: `docker run --env-file`'s parser, nothing expanded.
func init() {
	dotenv.RegisterFormat("raw", func(r io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
		lines, err := kvfile.ParseFromReader(r, lookup)
		if err != nil {
			return fmt.Errorf("failed to parse env_file %s: %w", filename, err)
		}
		for _, line := range lines {
			name, value, _ := strings.Cut(line, "=")
			vars[name] = value
		}
		return nil
	})
}

// solve never fails: what compose-go refuses, and where it panics, is an answer too.
func solve(set Set) (answer Answer) {
	answer.ID = set.ID
	warnings := &warningHook{}
	logrus.StandardLogger().ReplaceHooks(logrus.LevelHooks{logrus.WarnLevel: {warnings}})

	directory, err := filepath.Abs(set.Directory)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	project := directory
	defer func() {
		if p := recover(); p != nil {
			answer.Model, answer.Error = nil, fmt.Sprintf("panic: %v", p)
		}
		answer.Error = relativeText(answer.Error, project)
		for _, message := range warnings.messages {
			message = relativeText(message, project)
			if !slices.Contains(answer.Warnings, message) {
				answer.Warnings = append(answer.Warnings, message)
			}
		}
		slices.Sort(answer.Warnings)
	}()

	if err := os.Chdir(directory); err != nil {
		answer.Error = err.Error()
		return answer
	}
	options, err := set.options()
	if err == nil {
		project, err = options.GetWorkingDir()
	}
	if err == nil {
		// An included file's env_file is looked for from the process's directory. docker compose is started in the
		// project directory, so the oracle moves there; -f, --env-file and COMPOSE_FILE are absolute by now.
		err = os.Chdir(project)
	}
	var document any
	if err == nil {
		document, err = load(set, options)
	}
	if err == nil {
		answer.Model, err = canonicalJSON(document)
	}
	if err != nil {
		answer.Model, answer.Error = nil, err.Error()
	}
	return answer
}

// options are those of docker compose's `config`, in its order, without the process's environment and without PWD.
func (set Set) options() (*cli.ProjectOptions, error) {
	files, err := absolute(set.Files)
	if err != nil {
		return nil, err
	}
	envFiles, err := absolute(set.EnvFiles)
	if err != nil {
		return nil, err
	}
	var env []string
	for name, value := range set.Env {
		env = append(env, name+"="+value)
	}
	profiles := set.Profiles
	if len(profiles) == 0 {
		profiles = []string{"*"}
	}
	options, err := cli.NewProjectOptions(files,
		cli.WithInterpolation(!set.NoInterpolate),
		cli.WithNormalization(true),
		cli.WithConsistency(true),
		cli.WithWorkingDirectory(set.ProjectDirectory),
		cli.WithEnv(env),
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithProfiles(profiles),
		cli.WithName(set.Name))
	if err != nil {
		return nil, err
	}
	options.ConfigPaths, err = absolute(options.ConfigPaths)
	return options, err
}

func absolute(names []string) ([]string, error) {
	var result []string
	for _, name := range names {
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		result = append(result, abs)
	}
	return result, nil
}

// load returns the model with paths relative to the project directory.
//
// compose-go makes every path absolute, and afterwards nobody can tell `../x` from an absolute path that the author wrote.
// So the project is loaded twice: once as docker compose does it, for the verdict, and once with the last step held back,
// so that it can be done with "." as the project directory. That the second way is the same model is checked each time:
// with the real directory it must give the bytes of the first.
func load(set Set, options *cli.ProjectOptions) (any, error) {
	ctx := context.Background()
	directory, err := options.GetWorkingDir()
	if err != nil {
		return nil, err
	}
	details, err := options.ReadConfigFiles(ctx, directory, options)
	if err != nil {
		return nil, err
	}
	details.Environment = options.Environment

	var verdict any
	var name string
	if set.NoInterpolate {
		model, err := options.LoadModel(ctx)
		if err != nil {
			return nil, err
		}
		name, _ = model["name"].(string)
		verdict = model
	} else {
		project, err := options.LoadProject(ctx)
		if err != nil {
			return nil, err
		}
		name = project.Name
		if verdict, err = typed(project); err != nil {
			return nil, err
		}
	}

	profiles := set.Profiles
	if len(profiles) == 0 {
		profiles = []string{"*"}
	}
	unresolved := []func(*loader.Options){
		loader.WithProfiles(profiles),
		func(o *loader.Options) {
			o.SkipInterpolation = set.NoInterpolate
			o.SkipNormalization = true
			o.ResolvePaths = false
			o.SetProjectName(name, true)
		},
	}
	model, err := loader.LoadModelWithContext(ctx, *details, unresolved...)
	if err != nil {
		return nil, fmt.Errorf("oracle: second load failed: %w", err)
	}
	finish := func(model map[string]any, directory string) (any, error) {
		if err := paths.ResolveRelativePaths(model, directory, nil); err != nil {
			return nil, err
		}
		model["name"] = name
		model, err := loader.Normalize(model, details.Environment)
		if err != nil || set.NoInterpolate {
			return model, err
		}
		project, err := loader.ModelToProject(model, loader.ToOptions(details, unresolved), *details)
		if err != nil {
			return nil, err
		}
		return typed(project)
	}
	again, err := finish(clone(model).(map[string]any), directory)
	if err != nil {
		return nil, fmt.Errorf("oracle: second load failed: %w", err)
	}
	if err := same(verdict, again); err != nil {
		return nil, err
	}
	return finish(model, ".")
}

func same(a, b any) error {
	left, err := canonicalJSON(a)
	if err != nil {
		return err
	}
	right, err := canonicalJSON(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(left, right) {
		return fmt.Errorf("oracle: the two loads differ:\n%s\n%s", left, right)
	}
	return nil
}

// typed is the project's own JSON, with the two things that compose-go leaves out of it: models, and build.ssh, which it
// writes as invalid JSON as soon as a key has a path.
func typed(project *types.Project) (any, error) {
	ssh := map[string][]string{}
	detach := func(kind, name string, build *types.BuildConfig) {
		if build == nil || len(build.SSH) == 0 {
			return
		}
		for _, key := range build.SSH {
			text := key.ID
			if key.Path != "" {
				text += "=" + key.Path
			}
			ssh[kind+"\x00"+name] = append(ssh[kind+"\x00"+name], text)
		}
		slices.Sort(ssh[kind+"\x00"+name])
		build.SSH = nil
	}
	for name, service := range project.Services {
		detach("services", name, service.Build)
	}
	for name, job := range project.Jobs {
		detach("jobs", name, job.Build)
	}

	text, err := project.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	for key, keys := range ssh {
		kind, name, _ := strings.Cut(key, "\x00")
		document[kind].(map[string]any)[name].(map[string]any)["build"].(map[string]any)["ssh"] = keys
	}
	if len(project.Models) > 0 {
		text, err := json.Marshal(project.Models)
		if err != nil {
			return nil, err
		}
		var models map[string]any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&models); err != nil {
			return nil, err
		}
		document["models"] = models // as a mapping, so that its keys are sorted too
	}
	return document, nil
}

// canonicalJSON sorts keys, indents by two spaces and escapes nothing that JSON lets stand.
func canonicalJSON(document any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		copied := make(map[string]any, len(v))
		for key, item := range v {
			copied[key] = clone(item)
		}
		return copied
	case []any:
		if v == nil {
			return v
		}
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = clone(item)
		}
		return copied
	}
	return value
}

// relativeText makes messages independent of where the project lies: its directory becomes ".", and the directory above
// it "..".
func relativeText(text, directory string) string {
	separator := string(filepath.Separator)
	text = strings.ReplaceAll(text, directory+separator, "")
	text = strings.ReplaceAll(text, directory, ".")
	if parent := filepath.Dir(directory); filepath.Dir(parent) != parent {
		text = strings.ReplaceAll(text, parent+separator, ".."+separator)
	}
	return text
}

type warningHook struct{ messages []string }

func (*warningHook) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }
func (h *warningHook) Fire(entry *logrus.Entry) error {
	h.messages = append(h.messages, entry.Message)
	return nil
}
