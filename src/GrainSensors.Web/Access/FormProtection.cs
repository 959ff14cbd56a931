using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Access;

/// <summary>The keys that protect the tokens of forms and the state of console pages; the silos of a cluster share them.</summary>
internal static class FormProtection
{
    /// <summary>Part of every key. By default it is the directory of the process, which differs between silos.</summary>
    private const string Application = "GrainSensors";

    /// <exception cref="UsageException">The certificate cannot be read.</exception>
    public static IServiceCollection AddFormProtection(this IServiceCollection services, HttpOptions options)
    {
        var protection = services.AddDataProtection().SetApplicationName(Application);
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(keys =>
            keys.XmlRepository = new StoredProtectionKeys(provider.GetRequiredService<IStore>().Access.ProtectionKeys)));
        if (options.ProtectionCertificateFile is { } file)
        {
            protection.ProtectKeysWithCertificate(Read(file, options.ProtectionKeyFile));
        }

        return services;
    }

    private static X509Certificate2 Read(string file, string? keyFile)
    {
        const string Key = $"{HttpOptions.Section}:{nameof(HttpOptions.ProtectionCertificateFile)}";
        var certificate = CertificateFile.ReadCertificate(Key, file, keyFile);
        return certificate.GetRSAPrivateKey() is not null
            ? certificate
            : throw new UsageException($"{Key}: the certificate in \"{Path.GetFullPath(file)}\" must have an RSA key.");
    }
}
