using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks <see cref="MemberTlsOptions"/>.</summary>
internal sealed class MemberTlsOptionsValidator() : OptionsValidator<MemberTlsOptions>(MemberTlsOptions.Section)
{
    protected override IEnumerable<string> Check(MemberTlsOptions options) =>
    [
        .. options is { CertificateFile: not null, CaFile: null }
            ? [$"{MemberTlsOptions.Section}:CertificateFile requires {MemberTlsOptions.Section}:CaFile."]
            : Array.Empty<string>(),
        .. options is { CertificateFile: null, CaFile: not null } or { CertificateFile: null, KeyFile: not null }
                or { CertificateFile: null, CertificatePassword: not null }
            ? [$"{MemberTlsOptions.Section} requires {MemberTlsOptions.Section}:CertificateFile."]
            : Array.Empty<string>(),
        .. CertificateFile.Missing(MemberTlsOptions.Section, options.CertificateFile, options.KeyFile, options.CaFile),
    ];
}
