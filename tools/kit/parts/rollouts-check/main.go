// Asks the code of Argo Rollouts itself about manifests: is each Rollout of the files valid, with its Services and AnalysisTemplates, and
// what does each condition say of no data, of NaN and of numbers? Output is one line a condition; the exit status is 1 for anything invalid.
package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/validation"
	"github.com/argoproj/argo-rollouts/utils/evaluate"
	log "github.com/sirupsen/logrus"
	goyaml "gopkg.in/yaml.v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

var samples = []struct {
	name   string
	result []float64
}{
	{"none", []float64{}},
	{"NaN", []float64{math.NaN()}},
	{"0", []float64{0}},
	{"0.01", []float64{0.01}},
	{"0.1", []float64{0.1}},
	{"1", []float64{1}},
}

func check(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rollouts []*v1alpha1.Rollout
	services := map[string]*corev1.Service{}
	templates := map[string]*v1alpha1.AnalysisTemplate{}
	decoder := goyaml.NewDecoder(bytes.NewReader(data))
	for {
		var value map[any]any
		if err := decoder.Decode(&value); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		document, err := goyaml.Marshal(value)
		if err != nil {
			return err
		}
		var object any
		switch value["kind"] {
		case "Rollout":
			rollouts = append(rollouts, &v1alpha1.Rollout{})
			object = rollouts[len(rollouts)-1]
		case "AnalysisTemplate":
			object = &v1alpha1.AnalysisTemplate{}
		case "Service":
			object = &corev1.Service{}
		default:
			continue
		}
		if err := yaml.UnmarshalStrict(document, object); err != nil {
			return err
		}
		switch object := object.(type) {
		case *v1alpha1.AnalysisTemplate:
			templates[object.Name] = object
		case *corev1.Service:
			services[object.Name] = object
		}
	}

	var errors field.ErrorList
	for _, rollout := range rollouts {
		fmt.Printf("%s: Rollout %s\n", path, rollout.Name)
		errors = append(errors, validation.ValidateRollout(rollout)...)
		canary := rollout.Spec.Strategy.Canary
		if canary == nil {
			continue
		}
		named := map[string]validation.ServiceType{canary.StableService: validation.StableService, canary.CanaryService: validation.CanaryService}
		for name, kind := range named {
			if name == "" {
				continue
			}
			if services[name] == nil {
				return fmt.Errorf("%s: Rollout %s names Service %s, which is not there", path, rollout.Name, name)
			}
			errors = append(errors, validation.ValidateService(validation.ServiceWithType{Service: services[name], Type: kind}, rollout)...)
		}
		if canary.Analysis != nil {
			with := validation.AnalysisTemplatesWithType{TemplateType: validation.BackgroundAnalysis, Args: canary.Analysis.Args}
			for _, reference := range canary.Analysis.Templates {
				if templates[reference.TemplateName] == nil {
					return fmt.Errorf("%s: Rollout %s names AnalysisTemplate %s, which is not there", path, rollout.Name, reference.TemplateName)
				}
				with.AnalysisTemplates = append(with.AnalysisTemplates, templates[reference.TemplateName])
			}
			errors = append(errors, validation.ValidateAnalysisTemplatesWithType(rollout, with)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		for _, metric := range templates[name].Spec.Metrics {
			fmt.Printf("%s: %s/%s:", path, name, metric.Name)
			for _, sample := range samples {
				phase, err := evaluate.EvaluateResult(sample.result, metric, *log.NewEntry(log.New()))
				if err != nil {
					return fmt.Errorf("%s/%s of %s: %w", name, metric.Name, sample.name, err)
				}
				fmt.Printf(" %s=%s", sample.name, phase)
			}
			fmt.Println()
		}
	}
	return errors.ToAggregate()
}

func main() {
	status := 0
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}
