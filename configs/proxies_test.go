package configs_test

import (
	"fmt"
	"testing"

	"github.com/referent/referent/configs"
)

func TestTrustedProxies(t *testing.T) {
	c := configs.Defaults()
	c.TrustedProxies = []string{"10.1.2.3", " 10.1.4.7/24", "::ffff:10.0.0.1", "fd00::/8"}
	got, err := c.Proxies()
	if want := "[10.1.2.3/32 10.1.4.0/24 10.0.0.1/32 fd00::/8]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v, want %s", got, err, want)
	}
	for _, wrong := range []string{"", "proxy.example.no", "10.1.2.3:443", "10.1.2", "0.0.0.0/0", "::/0"} {
		c.TrustedProxies = []string{wrong}
		if c.Validate() == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
