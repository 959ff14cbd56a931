using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Certificates in files that options name: PEM, or PKCS #12 (PFX) for a certificate with its private key.</summary>
internal static class CertificateFile
{
    /// <param name="key">The option, for messages.</param>
    /// <param name="keyFile">Holds the private key; null: the certificate's file does.</param>
    /// <param name="password">The password of a PFX file; null: it has none.</param>
    /// <exception cref="UsageException">The files hold no certificate and its private key; the message names the option.</exception>
    public static X509Certificate2 ReadCertificate(string key, string file, string? keyFile, string? password = null) =>
        Read(key, file, () => IsPfx(file) ? ReadPfx(file, password) : X509Certificate2.CreateFromPemFile(file, keyFile));

    /// <exception cref="UsageException">The file holds no certificates; the message names the option.</exception>
    public static X509Certificate2Collection ReadAuthorities(string key, string file) => Read(key, file, () =>
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("No certificate was found.");
    });

    /// <param name="section">For messages.</param>
    /// <returns>A hash of the contents of the files.</returns>
    /// <exception cref="UsageException">A file cannot be read.</exception>
    public static string HashOf(string section, params string?[] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.OfType<string>())
        {
            hash.AppendData(Read(section, file, () => SHA256.HashData(File.ReadAllBytes(file))));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <returns>A sentence for each file that does not exist.</returns>
    public static IEnumerable<string> Missing(string section, params string?[] files) => files
        .Where(file => file is not null && !File.Exists(file))
        .Select(file => $"{section}: the file \"{Path.GetFullPath(file!)}\" does not exist.");

    /// <summary>PKCS #12 is DER, which begins with the tag of a sequence; PEM is text.</summary>
    private static bool IsPfx(string file)
    {
        using var content = File.OpenRead(file);
        return content.ReadByte() == 0x30;
    }

    private static X509Certificate2 ReadPfx(string file, string? password)
    {
        var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);
        return certificate.HasPrivateKey ? certificate : throw new CryptographicException("The private key is missing.");
    }

    private static T Read<T>(string key, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{key}: \"{Path.GetFullPath(file)}\" holds no readable certificate and key: {e.Message}", e);
        }
    }
}
