namespace GrainSensors.Hosting.Configuration;

/// <summary>
/// The section <c>GrainSensors:Silo:Tls</c>: mutual TLS between silos, and between silos and clients of the cluster. All of them set it,
/// or none.
/// </summary>
internal sealed record MemberTlsOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Silo:Tls";

    /// <summary>PEM or PFX file of the certificate that authenticates this process; without it, connections are not encrypted.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the certificate's private key; without it, the certificate's file holds the key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Password of a PFX file.</summary>
    public string? CertificatePassword { get; init; }

    /// <summary>
    /// PEM file of the certificate authorities of the cluster. Every process with a certificate of theirs may join the cluster and
    /// command it.
    /// </summary>
    public string? CaFile { get; init; }
}
