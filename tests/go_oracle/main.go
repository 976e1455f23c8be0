// What crypto/x509 says of a server's chain: one question a line as JSON, one answer a line.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"os"
	"runtime"
	"time"
)

type question struct {
	Chain   [][]byte `json:"chain"`
	Anchors [][]byte `json:"anchors"`
	Host    string   `json:"host"`
	At      int64    `json:"at"`
}

type answer struct {
	Word    string   `json:"word"`
	Message string   `json:"message"`
	Path    [][]byte `json:"path"`
}

// judge does what crypto/tls does with the certificates of a server.
func judge(q question) answer {
	var certs []*x509.Certificate
	for _, der := range q.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return answer{Word: "unparsable", Message: err.Error()}
		}
		certs = append(certs, cert)
	}
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		CurrentTime:   time.Unix(q.At, 0).UTC(),
		DNSName:       q.Host,
		Intermediates: x509.NewCertPool(),
	}
	for _, der := range q.Anchors {
		if cert, err := x509.ParseCertificate(der); err == nil {
			options.Roots.AddCert(cert)
		}
	}
	for _, cert := range certs[1:] {
		options.Intermediates.AddCert(cert)
	}
	chains, err := certs[0].Verify(options)
	if err != nil {
		return answer{Word: "refuse", Message: err.Error()}
	}
	switch certs[0].PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return answer{Word: "refuse", Message: "tls: server's certificate contains an unsupported type of public key"}
	}
	found := answer{Word: "accept"}
	for _, cert := range chains[0] {
		found.Path = append(found.Path, cert.Raw)
	}
	return found
}

func main() {
	if len(os.Args) > 1 {
		os.Stdout.WriteString(runtime.Version() + "\n")
		return
	}
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var q question
		if in.Decode(&q) != nil {
			return
		}
		out.Encode(judge(q))
	}
}
