package configs

import (
	"fmt"
	"net/netip"
	"strings"
)

// Proxies are TrustedProxies as networks. A network that is everybody's is refused: anybody could say then who asks.
func (c *Config) Proxies() (all []netip.Prefix, err error) {
	for _, text := range c.TrustedProxies {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if addr, aerr := netip.ParseAddr(text); aerr == nil {
			addr = addr.Unmap()
			p, err = addr.Prefix(addr.BitLen())
		}
		if err != nil || p.Bits() == 0 {
			return nil, fmt.Errorf("trusted_proxies must be addresses and networks such as 10.1.2.3 and 10.1.2.0/24, not %q", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
