package configs

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// Addresses splits a setting with several addresses.
func Addresses(list string) (all []string) {
	for a := range strings.SplitSeq(list, ",") {
		if a = strings.TrimSpace(a); a != "" {
			all = append(all, a)
		}
	}
	return all
}

func (n *NATS) validate() (wrong []error) {
	for name, list := range map[string]string{"nats.url": n.URL, "nats.public": n.Public} {
		for _, a := range Addresses(list) {
			u, err := url.Parse(a)
			switch {
			case err != nil || u.Hostname() == "" || u.Scheme != "tls" && u.Scheme != "nats" || u.User != nil || u.Path != "":
				wrong = append(wrong, fmt.Errorf("%s must be addresses like tls://n1.example.no:4222, not %q", name, a))
			case u.Scheme == "nats" && !referent.Loopback(u.Hostname()):
				wrong = append(wrong, fmt.Errorf("%s: %q is not on this machine, and is reached with tls:// alone", name, a))
			}
		}
	}
	if !slices.Contains([]int{1, 3, 5}, n.Replicas) {
		wrong = append(wrong, fmt.Errorf("nats.replicas must be 1, 3 or 5, not %d", n.Replicas))
	}
	if n.CA != "" {
		if _, err := os.Stat(n.CA); err != nil {
			wrong = append(wrong, fmt.Errorf("nats.ca: the file %q cannot be read", n.CA))
		}
	}
	return wrong
}
