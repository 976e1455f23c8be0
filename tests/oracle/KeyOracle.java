import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.lang.reflect.Field;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.*;

/**
 * A TLS client with a keystore, whose server is whoever asks.
 *
 * Requests and answers are framed as those of TrustOracle. Fields of "begin": keystore, storetype,
 * storepass, keypass, manager (SunX509, PKIX), protocol, at (milliseconds, of the PKIX manager),
 * security:NAME. Its answer is "hello" and the client's first bytes in hex, or "unloadable" and
 * the exceptions. Fields of "continue": data, what the server says. Its answer is "said", the
 * client's bytes in hex, the alias chosen ("" for none), the key types asked for, how many times
 * it was asked, the chain's certificates in hex joined by commas, and the exceptions.
 */
public final class KeyOracle {
    private static SSLEngine engine;
    private static Choice choice;
    private static final Map<String, String> SECURITY = new LinkedHashMap<>();

    public static void main(String[] args) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(System.out));
        while (true) {
            Map<String, byte[]> fields = new LinkedHashMap<>();
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
                fields.put(name, value);
            }
            List<String> answer;
            try {
                answer = text(fields, "op").equals("begin") ? begin(fields) : go(fields.get("data"));
            } catch (Throwable problem) {
                answer = told("failure", problem);
            }
            out.writeInt(answer.size());
            for (String line : answer) {
                byte[] text = line.getBytes("UTF-8");
                out.writeInt(text.length);
                out.write(text);
            }
            out.flush();
        }
    }

    private static String text(Map<String, byte[]> fields, String name) throws Exception {
        byte[] found = fields.get(name);
        return found == null ? null : new String(found, "UTF-8");
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

    private static String hex(byte[] data) {
        StringBuilder text = new StringBuilder();
        for (byte one : data) text.append(String.format("%02x", one));
        return text.toString();
    }

    private static List<String> begin(Map<String, byte[]> fields) throws Exception {
        SECURITY.forEach(Security::setProperty);
        SECURITY.clear();
        for (String name : fields.keySet()) {
            if (name.startsWith("security:")) {
                String key = name.substring(9);
                SECURITY.put(key, Security.getProperty(key));
                Security.setProperty(key, text(fields, name));
            }
        }
        String manager = text(fields, "manager");
        String at = text(fields, "at");
        Field date = Class.forName("sun.security.ssl.X509KeyManagerImpl")
            .getDeclaredField("verificationDate");
        date.setAccessible(true);
        date.set(null, at == null ? null : new Date(Long.parseLong(at)));
        X509ExtendedKeyManager inner;
        try {
            KeyStore store = KeyStore.getInstance(text(fields, "storetype"));
            String storepass = text(fields, "storepass");
            store.load(new ByteArrayInputStream(fields.get("keystore")),
                storepass == null ? null : storepass.toCharArray());
            KeyManagerFactory factory = KeyManagerFactory.getInstance(manager);
            factory.init(store, text(fields, "keypass").toCharArray());
            inner = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        } catch (Exception problem) {
            return told("unloadable", problem);
        }
        choice = new Choice(inner);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {choice}, new TrustManager[] {new Trusting()}, null);
        engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {text(fields, "protocol")});
        engine.beginHandshake();
        return List.of("hello", hex(wrapped()));
    }

    private static byte[] wrapped() throws SSLException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer room = ByteBuffer.allocate(70_000);
        while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
            room.clear();
            SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), room);
            out.write(room.array(), 0, room.position());
            if (result.bytesProduced() == 0 || result.getStatus() == SSLEngineResult.Status.CLOSED) {
                break;
            }
        }
        return out.toByteArray();
    }

    private static List<String> go(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> problem = List.of();
        try {
            ByteBuffer in = ByteBuffer.wrap(data);
            ByteBuffer room = ByteBuffer.allocate(70_000);
            boolean more = true;
            while (more) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK:
                        Runnable task;
                        while ((task = engine.getDelegatedTask()) != null) task.run();
                        break;
                    case NEED_WRAP:
                        byte[] said = wrapped();
                        out.write(said, 0, said.length);
                        more = said.length > 0 || in.hasRemaining();
                        break;
                    case NEED_UNWRAP:
                        if (!in.hasRemaining()) {
                            more = false;
                            break;
                        }
                        room.clear();
                        SSLEngineResult result = engine.unwrap(in, room);
                        more = result.getStatus() == SSLEngineResult.Status.OK;
                        break;
                    default:
                        more = false;
                }
            }
        } catch (Throwable thrown) {
            problem = told("", thrown).subList(1, told("", thrown).size());
            try {
                byte[] said = wrapped();
                out.write(said, 0, said.length);
            } catch (Throwable second) {
                // the first is what counts
            }
        }
        List<String> lines = new ArrayList<>(List.of("said", hex(out.toByteArray()),
            choice.alias == null ? "" : choice.alias, String.join(" ", choice.types),
            String.valueOf(choice.asked), choice.chain));
        lines.addAll(problem);
        return lines;
    }

    /** The key manager, listened to. */
    private static final class Choice extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager inner;
        String alias;
        String chain = "";
        int asked;
        final List<String> types = new ArrayList<>();

        Choice(X509ExtendedKeyManager inner) {
            this.inner = inner;
        }

        @Override public String chooseEngineClientAlias(String[] kinds, Principal[] names, SSLEngine e) {
            asked++;
            types.addAll(Arrays.asList(kinds));
            String found = inner.chooseEngineClientAlias(kinds, names, e);
            if (found != null) alias = found;
            return found;
        }
        @Override public X509Certificate[] getCertificateChain(String name) {
            X509Certificate[] found = inner.getCertificateChain(name);
            try {
                List<String> parts = new ArrayList<>();
                if (found != null) for (X509Certificate one : found) parts.add(hex(one.getEncoded()));
                chain = String.join(",", parts);
            } catch (Exception problem) {
                chain = "";
            }
            return found;
        }
        @Override public PrivateKey getPrivateKey(String name) { return inner.getPrivateKey(name); }
        @Override public String[] getClientAliases(String type, Principal[] names) { return inner.getClientAliases(type, names); }
        @Override public String chooseClientAlias(String[] types, Principal[] names, Socket s) { return inner.chooseClientAlias(types, names, s); }
        @Override public String[] getServerAliases(String type, Principal[] names) { return inner.getServerAliases(type, names); }
        @Override public String chooseServerAlias(String type, Principal[] names, Socket s) { return inner.chooseServerAlias(type, names, s); }
    }

    private static final class Trusting extends X509ExtendedTrustManager {
        @Override public void checkClientTrusted(X509Certificate[] c, String a, Socket s) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a, Socket s) { }
        @Override public void checkClientTrusted(X509Certificate[] c, String a, SSLEngine e) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a, SSLEngine e) { }
        @Override public void checkClientTrusted(X509Certificate[] c, String a) { }
        @Override public void checkServerTrusted(X509Certificate[] c, String a) { }
        @Override public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    }
}
