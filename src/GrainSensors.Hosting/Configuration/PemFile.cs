using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Certificates in PEM files that options name.</summary>
internal static class PemFile
{
    /// <param name="key">The option, for messages.</param>
    /// <param name="keyFile">Holds the private key; null: the certificate's file does.</param>
    /// <exception cref="UsageException">The files hold no certificate and its private key; the message names the option.</exception>
    public static X509Certificate2 ReadCertificate(string key, string file, string? keyFile) =>
        Read(key, file, () => X509Certificate2.CreateFromPemFile(file, keyFile));

    /// <exception cref="UsageException">The file holds no certificates; the message names the option.</exception>
    public static X509Certificate2Collection ReadAuthorities(string key, string file) => Read(key, file, () =>
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("No certificate was found.");
    });

    /// <returns>A sentence for each file that does not exist.</returns>
    public static IEnumerable<string> Missing(string section, params string?[] files) => files
        .Where(file => file is not null && !File.Exists(file))
        .Select(file => $"{section}: the file \"{Path.GetFullPath(file!)}\" does not exist.");

    private static T Read<T>(string key, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{key}: \"{Path.GetFullPath(file)}\" holds no readable PEM certificate and key: {e.Message}", e);
        }
    }
}
