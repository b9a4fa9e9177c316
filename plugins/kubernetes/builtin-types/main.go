// Writes types.jsonl: the Go types of Kubernetes' built-in kinds, one a line, reached from the stable API groups.
//
//	go run . > types.jsonl
//
// A field is "name": code, where the code is made of: "?" left out when empty, "*" pointer, "[]" list, "{}" map, and the
// name of a scalar or of another type of the table. Status fields, which no program sets, are not written.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling1 "k8s.io/api/autoscaling/v1"
	autoscaling2 "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	flowcontrol "k8s.io/api/flowcontrol/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

type typeLine struct {
	Type   string            `json:"type"`
	Kinds  []string          `json:"kinds,omitempty"`
	Fields map[string]string `json:"fields"`
}

var lines = map[string]*typeLine{}

var scalars = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":   "quantity",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString": "intOrString",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":       "time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":  "microTime",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":   "duration",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":    "raw",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":   "raw",
}

func typeName(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	return strings.Join(path[len(path)-2:], ".") + "." + t.Name()
}

func code(t reflect.Type) string {
	if scalar, ok := scalars[t.PkgPath()+"."+t.Name()]; ok {
		return scalar
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + code(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + code(t.Elem())
	case reflect.Map:
		return "{}" + code(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint16, reflect.Uint32:
		return "int"
	case reflect.Float64:
		return "float"
	case reflect.Struct:
		return visit(t).Type
	}
	panic(fmt.Sprintf("no code for Go type %v", t))
}

func visit(t reflect.Type) *typeLine {
	name := typeName(t)
	if lines[name] == nil {
		lines[name] = &typeLine{Type: name, Fields: map[string]string{}}
		addFields(t, lines[name].Fields)
	}
	return lines[name]
}

func addFields(t reflect.Type, fields map[string]string) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		switch name := tag[0]; {
		case name == "" && field.Anonymous:
			addFields(field.Type, fields)
		case name == "" || name == "-" || name == "status" || name == "managedFields":
		case slices.Contains(tag[1:], "omitempty"), slices.Contains(tag[1:], "omitzero"):
			fields[name] = "?" + code(field.Type)
		default:
			fields[name] = code(field.Type)
		}
	}
}

func main() {
	scheme := runtime.NewScheme()
	for _, addToScheme := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, apps.AddToScheme, autoscaling1.AddToScheme, autoscaling2.AddToScheme,
		batch.AddToScheme, certificates.AddToScheme, coordination.AddToScheme, core.AddToScheme, discovery.AddToScheme,
		flowcontrol.AddToScheme, networking.AddToScheme, node.AddToScheme, policy.AddToScheme, rbac.AddToScheme,
		scheduling.AddToScheme, storage.AddToScheme,
	} {
		if err := addToScheme(scheme); err != nil {
			panic(err)
		}
	}
	for kind, t := range scheme.AllKnownTypes() {
		listOrOptions := strings.HasSuffix(kind.Kind, "List") || strings.HasSuffix(kind.Kind, "Options")
		if listOrOptions || kind.Version == "__internal" || !strings.HasPrefix(t.PkgPath(), "k8s.io/api/") {
			continue
		}
		line := visit(t)
		line.Kinds = append(line.Kinds, kind.GroupVersion().String()+"/"+kind.Kind)
		slices.Sort(line.Kinds)
	}

	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	slices.Sort(names)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for _, name := range names {
		if err := encoder.Encode(lines[name]); err != nil {
			panic(err)
		}
	}
	if err := out.Flush(); err != nil {
		panic(err)
	}
}
