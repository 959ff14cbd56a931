using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Mqtt.Configuration;
using MQTTnet;

namespace GrainSensors.Mqtt.Connections;

/// <summary>TLS with the certificates of the options. Files are read for each connection, so that renewed certificates count.</summary>
internal static class ConnectionTls
{
    /// <exception cref="MqttBridgeException">A file holds no certificate; the message names it.</exception>
    public static MqttClientTlsOptions Read(MqttBrokerOptions broker)
    {
        var options = new MqttClientTlsOptions
        {
            UseTls = broker.Tls,
            TargetHost = broker.Host,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (broker.CaFile is { } authorities)
        {
            options.TrustChain = ReadFile(broker, nameof(broker.CaFile), authorities, () => ReadAuthorities(authorities));
        }

        if (broker.CertificateFile is { } file)
        {
            var certificate = ReadFile(
                broker, nameof(broker.CertificateFile), file, () => X509Certificate2.CreateFromPemFile(file, broker.KeyFile));
            options.ClientCertificatesProvider = new DefaultMqttCertificatesProvider(new X509Certificate2Collection(certificate));
        }

        return options;
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("No certificate was found.");
    }

    private static T ReadFile<T>(MqttBrokerOptions broker, string key, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new MqttBridgeException(
                $"{key} of the MQTT broker {broker.Name}: \"{Path.GetFullPath(file)}\" holds no readable certificate and key: "
                + e.Message,
                e);
        }
    }
}
