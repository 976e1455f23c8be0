import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.CertPathValidator;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.*;

/**
 * Asks the trust managers and the handshakes of the JVM it runs in.
 *
 * Requests come on standard input, answers go to standard output. A request is a count of
 * fields (int), each a name (modified UTF-8) and a value (int length, bytes); fields whose
 * names repeat are lists. An answer is a count (int) of strings, each UTF-8 with its length
 * (int): "accept", or "reject" and the exceptions from the outermost to the root cause, each
 * as "class: message"; or "failure" and what went wrong in here.
 *
 * Fields: op (manager, handshake, schemes, properties), anchor (DER, repeated) or keystore, storetype and
 * storepass; chain (DER, repeated, as the server sends it); manager (PKIX, SunX509); host;
 * endpoint (HTTPS or absent); protocol; auth; at (milliseconds); key (PKCS#8 of chain[0]),
 * keyalg; property:NAME and security:NAME for the duration of one request; revocation (on), crl
 * (DER, repeated), staple (OCSP response, repeated, in the order of chain), option (repeated:
 * those of a PKIXRevocationChecker, "" for one without), which all need at; suite (of a cipher);
 * text (of properties, which are answered as names and values).
 */
public final class TrustOracle {
    private static final Map<String, String[]> SCHEMES = new LinkedHashMap<>();

    private static final class Request {
        final Map<String, List<byte[]>> fields = new LinkedHashMap<>();

        String text(String name) throws Exception {
            List<byte[]> found = fields.get(name);
            return found == null ? null : new String(found.get(found.size() - 1), "UTF-8");
        }

        List<byte[]> all(String name) {
            return fields.getOrDefault(name, Collections.emptyList());
        }
    }

    public static void main(String[] args) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(System.out));
        while (true) {
            Request request = new Request();
            int count;
            try {
                count = in.readInt();
            } catch (EOFException end) {
                return;
            }
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                byte[] value = new byte[in.readInt()];
                in.readFully(value);
                request.fields.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            }
            List<String> answer = answer(request);
            out.writeInt(answer.size());
            for (String line : answer) {
                byte[] text = line.getBytes("UTF-8");
                out.writeInt(text.length);
                out.write(text);
            }
            out.flush();
        }
    }

    private static List<String> answer(Request request) {
        Map<String, String> system = new LinkedHashMap<>();
        Map<String, String> security = new LinkedHashMap<>();
        try {
            for (String name : request.fields.keySet()) {
                if (name.startsWith("property:")) {
                    String key = name.substring(9);
                    system.put(key, System.getProperty(key));
                    System.setProperty(key, request.text(name));
                } else if (name.startsWith("security:")) {
                    String key = name.substring(9);
                    security.put(key, Security.getProperty(key));
                    Security.setProperty(key, request.text(name));
                }
            }
            switch (request.text("op")) {
                case "manager":
                    return manager(request);
                case "handshake":
                    return handshake(request);
                case "schemes":
                    return schemes(request);
                case "properties":
                    return properties(request);
                default:
                    return List.of("failure", "no such op");
            }
        } catch (Throwable problem) {
            return told("failure", problem);
        } finally {
            system.forEach((key, value) -> {
                if (value == null) System.clearProperty(key);
                else System.setProperty(key, value);
            });
            security.forEach((key, value) -> Security.setProperty(key, value == null ? "" : value));
        }
    }

    private static List<String> told(String word, Throwable problem) {
        List<String> lines = new ArrayList<>();
        lines.add(word);
        Set<Throwable> seen = new HashSet<>();
        for (Throwable t = problem; t != null && seen.add(t); t = t.getCause()) {
            lines.add(t.getClass().getName() + ": " + t.getMessage());
        }
        return lines;
    }

    private static List<String> properties(Request request) throws Exception {
        java.util.Properties found = new java.util.Properties();
        found.load(new java.io.StringReader(request.text("text")));
        List<String> lines = new ArrayList<>(List.of("properties"));
        for (String name : found.stringPropertyNames()) {
            lines.add(name);
            lines.add(found.getProperty(name));
        }
        return lines;
    }

    // -- what is trusted ---------------------------------------------------------------------

    private static X509Certificate read(byte[] der) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    }

    private static KeyStore store(Request request) throws Exception {
        KeyStore store;
        if (request.fields.containsKey("keystore")) {
            store = KeyStore.getInstance(request.text("storetype"));
            String password = request.text("storepass");
            store.load(
                new ByteArrayInputStream(request.all("keystore").get(0)),
                password == null ? null : password.toCharArray());
        } else {
            store = KeyStore.getInstance("JKS");
            store.load(null, null);
            int number = 0;
            for (byte[] der : request.all("anchor")) {
                store.setCertificateEntry(String.format("a%04d", number++), read(der));
            }
        }
        return store;
    }

    private static X509ExtendedTrustManager trust(Request request) throws Exception {
        String name = request.text("manager");
        TrustManagerFactory factory = TrustManagerFactory.getInstance(name == null ? "PKIX" : name);
        String at = request.text("at");
        KeyStore store = store(request);
        // Without anchors there are no PKIX parameters to set a date in.
        boolean dated = at != null && !"SunX509".equals(name) && store.size() > 0;
        if (dated) {
            Set<TrustAnchor> anchors = new HashSet<>();
            for (String alias : Collections.list(store.aliases())) {
                Certificate one = store.getCertificate(alias);
                if (one instanceof X509Certificate) {
                    anchors.add(new TrustAnchor((X509Certificate) one, null));
                }
            }
            PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setDate(new Date(Long.parseLong(at)));
            parameters.setRevocationEnabled(request.fields.containsKey("revocation"));
            if (request.fields.containsKey("crl")) {
                List<Object> crls = new ArrayList<>();
                for (byte[] der : request.all("crl")) {
                    crls.add(CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(der)));
                }
                parameters.addCertStore(CertStore.getInstance(
                    "Collection", new CollectionCertStoreParameters(crls)));
            }
            if (request.fields.containsKey("option")) {
                PKIXRevocationChecker checker = (PKIXRevocationChecker)
                    CertPathValidator.getInstance("PKIX").getRevocationChecker();
                Set<PKIXRevocationChecker.Option> options = new HashSet<>();
                for (byte[] word : request.all("option")) {
                    if (word.length > 0) {
                        options.add(PKIXRevocationChecker.Option.valueOf(new String(word, "UTF-8")));
                    }
                }
                checker.setOptions(options);
                parameters.addCertPathChecker(checker);
            }
            factory.init(new CertPathTrustManagerParameters(parameters));
        } else {
            factory.init(store);
        }
        X509ExtendedTrustManager found = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        if (at != null && "SunX509".equals(name)) {
            date(found, new Date(Long.parseLong(at)));
        }
        return found;
    }

    /** Gives the validator of a SunX509 trust manager its date, which nothing public does. */
    private static void date(X509ExtendedTrustManager manager, Date at) throws Exception {
        Method make = manager.getClass().getDeclaredMethod("checkTrustedInit",
            X509Certificate[].class, String.class, boolean.class);
        make.setAccessible(true);
        X509Certificate[] none = manager.getAcceptedIssuers();
        if (none.length == 0) return;
        Object validator = make.invoke(manager, none, "UNKNOWN", false);
        Field field = Class.forName("sun.security.validator.Validator")
            .getDeclaredField("validationDate");
        field.setAccessible(true);
        field.set(validator, at);
    }

    // -- the trust manager alone -------------------------------------------------------------

    private static List<String> manager(Request request) throws Exception {
        X509Certificate[] chain;
        List<X509Certificate> read = new ArrayList<>();
        try {
            for (byte[] der : request.all("chain")) read.add(read(der));
        } catch (Exception problem) {
            return told("unparsable", problem);
        }
        chain = read.toArray(new X509Certificate[0]);
        String auth = request.text("auth");
        try {
            X509ExtendedTrustManager manager = trust(request);
            manager.checkServerTrusted(chain, auth == null ? "UNKNOWN" : auth, new Engine(
                request.text("host"), request.text("endpoint"), request.text("protocol"),
                request.all("staple")));
            return List.of("accept");
        } catch (Exception problem) {
            return told("reject", problem);
        }
    }

    /** An engine in the middle of a handshake, as far as a trust manager looks at it. */
    private static final class Engine extends SSLEngine {
        private final String endpoint;
        private final Session session;

        Engine(String host, String endpoint, String protocol, List<byte[]> staples) {
            super(host, 443);
            this.endpoint = endpoint;
            this.session = new Session(host, protocol == null ? "TLSv1.3" : protocol, staples);
        }

        @Override public SSLSession getHandshakeSession() { return session; }
        @Override public SSLSession getSession() { return session; }
        @Override public SSLParameters getSSLParameters() {
            SSLParameters parameters = new SSLParameters();
            parameters.setEndpointIdentificationAlgorithm(endpoint);
            return parameters;
        }
        @Override public void setSSLParameters(SSLParameters parameters) { }
        @Override public boolean getUseClientMode() { return true; }
        @Override public SSLEngineResult wrap(ByteBuffer[] a, int b, int c, ByteBuffer d) { return null; }
        @Override public SSLEngineResult unwrap(ByteBuffer a, ByteBuffer[] b, int c, int d) { return null; }
        @Override public Runnable getDelegatedTask() { return null; }
        @Override public void closeInbound() { }
        @Override public boolean isInboundDone() { return false; }
        @Override public void closeOutbound() { }
        @Override public boolean isOutboundDone() { return false; }
        @Override public String[] getSupportedCipherSuites() { return new String[0]; }
        @Override public String[] getEnabledCipherSuites() { return new String[0]; }
        @Override public void setEnabledCipherSuites(String[] suites) { }
        @Override public String[] getSupportedProtocols() { return new String[0]; }
        @Override public String[] getEnabledProtocols() { return new String[0]; }
        @Override public void setEnabledProtocols(String[] protocols) { }
        @Override public void beginHandshake() { }
        @Override public SSLEngineResult.HandshakeStatus getHandshakeStatus() { return null; }
        @Override public void setUseClientMode(boolean mode) { }
        @Override public void setNeedClientAuth(boolean need) { }
        @Override public boolean getNeedClientAuth() { return false; }
        @Override public void setWantClientAuth(boolean want) { }
        @Override public boolean getWantClientAuth() { return false; }
        @Override public void setEnableSessionCreation(boolean flag) { }
        @Override public boolean getEnableSessionCreation() { return true; }
    }

    private static final class Session extends ExtendedSSLSession {
        private final String host;
        private final String protocol;
        private final List<byte[]> staples;

        Session(String host, String protocol, List<byte[]> staples) {
            this.host = host;
            this.protocol = protocol;
            this.staples = staples;
        }

        @Override public String[] getLocalSupportedSignatureAlgorithms() {
            return SCHEMES.getOrDefault(protocol, new String[0]).clone();
        }
        @Override public String[] getPeerSupportedSignatureAlgorithms() { return new String[0]; }
        @Override public List<SNIServerName> getRequestedServerNames() {
            try {
                return List.of(new SNIHostName(host));
            } catch (RuntimeException illegal) {
                return List.of();
            }
        }
        @Override public List<byte[]> getStatusResponses() { return staples; }
        @Override public byte[] getId() { return new byte[0]; }
        @Override public SSLSessionContext getSessionContext() { return null; }
        @Override public long getCreationTime() { return 0; }
        @Override public long getLastAccessedTime() { return 0; }
        @Override public void invalidate() { }
        @Override public boolean isValid() { return true; }
        @Override public void putValue(String name, Object value) { }
        @Override public Object getValue(String name) { return null; }
        @Override public void removeValue(String name) { }
        @Override public String[] getValueNames() { return new String[0]; }
        @Override public Certificate[] getPeerCertificates() { return new Certificate[0]; }
        @Override public Certificate[] getLocalCertificates() { return new Certificate[0]; }
        @Override public javax.security.cert.X509Certificate[] getPeerCertificateChain() {
            return new javax.security.cert.X509Certificate[0];
        }
        @Override public Principal getPeerPrincipal() { return null; }
        @Override public Principal getLocalPrincipal() { return null; }
        @Override public String getCipherSuite() { return "TLS_AES_128_GCM_SHA256"; }
        @Override public String getProtocol() { return protocol; }
        @Override public String getPeerHost() { return host; }
        @Override public int getPeerPort() { return 443; }
        @Override public int getPacketBufferSize() { return 16384; }
        @Override public int getApplicationBufferSize() { return 16384; }
    }

    // -- whole handshakes --------------------------------------------------------------------

    private static final class OneKey extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        OneKey(PrivateKey key, X509Certificate[] chain) {
            this.key = key;
            this.chain = chain;
        }

        private String alias(String type) {
            String own = chain[0].getPublicKey().getAlgorithm();
            return type.equals(own) || type.startsWith(own + "_") ? "s" : null;
        }
        @Override public String[] getClientAliases(String type, Principal[] names) { return null; }
        @Override public String chooseClientAlias(String[] types, Principal[] names, Socket s) { return null; }
        @Override public String[] getServerAliases(String type, Principal[] names) { return new String[] {"s"}; }
        @Override public String chooseServerAlias(String type, Principal[] names, Socket s) { return alias(type); }
        @Override public String chooseEngineServerAlias(String type, Principal[] names, SSLEngine e) { return alias(type); }
        @Override public X509Certificate[] getCertificateChain(String alias) { return chain.clone(); }
        @Override public PrivateKey getPrivateKey(String alias) { return key; }
    }

    /** Notes what the trust manager of a real handshake is told. */
    private static final class Noting extends X509ExtendedTrustManager {
        String[] schemes;

        @Override public void checkClientTrusted(X509Certificate[] c, String a, Socket s) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a, Socket s) { }
        @Override public void checkClientTrusted(X509Certificate[] c, String a, SSLEngine e) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a, SSLEngine e) {
            schemes = ((ExtendedSSLSession) e.getHandshakeSession())
                .getLocalSupportedSignatureAlgorithms();
        }
        @Override public void checkClientTrusted(X509Certificate[] c, String a) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a) { }
        @Override public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    }

    private static List<String> schemes(Request request) throws Exception {
        Noting noting = new Noting();
        Throwable problem = shake(request, noting);
        if (problem != null) return told("failure", problem);
        SCHEMES.put(request.text("protocol"), noting.schemes);
        List<String> lines = new ArrayList<>(List.of("schemes"));
        lines.addAll(List.of(noting.schemes));
        return lines;
    }

    private static List<String> handshake(Request request) throws Exception {
        X509ExtendedTrustManager manager;
        try {
            manager = trust(request);
        } catch (Exception problem) {
            return told("reject", problem);
        }
        Throwable problem = shake(request, manager);
        return problem == null ? List.of("accept") : told("reject", problem);
    }

    private static Throwable shake(Request request, TrustManager manager) throws Exception {
        List<X509Certificate> read = new ArrayList<>();
        for (byte[] der : request.all("chain")) read.add(read(der));
        PrivateKey key = KeyFactory.getInstance(request.text("keyalg"))
            .generatePrivate(new PKCS8EncodedKeySpec(request.all("key").get(0)));
        SSLContext serving = SSLContext.getInstance("TLS");
        serving.init(new KeyManager[] {
            new OneKey(key, read.toArray(new X509Certificate[0]))}, null, null);
        SSLContext asking = SSLContext.getInstance("TLS");
        asking.init(null, new TrustManager[] {manager}, null);
        String host = request.text("host");
        SSLEngine client = asking.createSSLEngine(host == null ? "localhost" : host, 443);
        SSLEngine server = serving.createSSLEngine();
        client.setUseClientMode(true);
        server.setUseClientMode(false);
        String protocol = request.text("protocol");
        client.setEnabledProtocols(new String[] {protocol == null ? "TLSv1.3" : protocol});
        if (request.text("suite") != null) {
            client.setEnabledCipherSuites(new String[] {request.text("suite")});
            server.setEnabledCipherSuites(new String[] {request.text("suite")});
        }
        SSLParameters parameters = client.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(request.text("endpoint"));
        client.setSSLParameters(parameters);
        ByteBuffer up = ByteBuffer.allocate(1 << 18);
        ByteBuffer down = ByteBuffer.allocate(1 << 18);
        ByteBuffer nothing = ByteBuffer.allocate(0);
        ByteBuffer sink = ByteBuffer.allocate(1 << 16);
        client.beginHandshake();
        server.beginHandshake();
        for (int turn = 0; turn < 200; turn++) {
            try {
                step(client, nothing, up, down, sink);
            } catch (SSLException | RuntimeException problem) {
                return problem;
            }
            try {
                step(server, nothing, down, up, sink);
            } catch (SSLException | RuntimeException problem) {
                return new IllegalStateException("the server: " + problem, problem);
            }
            if (client.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
                && client.getSession().getPeerHost() != null
                && !"SSL_NULL_WITH_NULL_NULL".equals(client.getSession().getCipherSuite())) {
                return null;
            }
        }
        return new IllegalStateException("the handshake does not end: " + client.getHandshakeStatus());
    }

    private static void step(
        SSLEngine engine, ByteBuffer nothing, ByteBuffer out, ByteBuffer in, ByteBuffer sink)
        throws SSLException {
        for (int i = 0; i < 100; i++) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK:
                    Runnable task;
                    while ((task = engine.getDelegatedTask()) != null) task.run();
                    break;
                case NEED_WRAP:
                    engine.wrap(nothing, out);
                    break;
                case NEED_UNWRAP:
                    in.flip();
                    int before = in.remaining();
                    sink.clear();
                    engine.unwrap(in, sink);
                    boolean stuck = in.remaining() == before
                        && engine.getHandshakeStatus()
                            == SSLEngineResult.HandshakeStatus.NEED_UNWRAP;
                    in.compact();
                    if (stuck) return;
                    break;
                default:
                    return;
            }
        }
    }

    private TrustOracle() { }
}
