namespace GrainSensors.Tests.Shared;

/// <summary>A listener of a broker that takes TLS with SASL/SCRAM only, beside the one without both.</summary>
/// <param name="keys">PEM file of the certificate and its private key.</param>
internal sealed class SecureListener(string name, string password, string keys)
{
    /// <summary>The user, as <c>kafka-storage.sh</c> takes it.</summary>
    public string User => $"SCRAM-SHA-256=[name={name},password={password}]";

    /// <returns>Settings that replace earlier ones.</returns>
    public string Properties(int port, int controller, int secure) =>
        $"""
        listeners=PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port},SECURE://localhost:{secure}
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=PLAINTEXT
        listener.name.secure.ssl.keystore.type=PEM
        listener.name.secure.ssl.keystore.location={keys}
        listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-256
        listener.name.secure.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;

        """;
}
