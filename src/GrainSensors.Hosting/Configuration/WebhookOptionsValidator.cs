using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks <see cref="WebhookOptions"/>.</summary>
internal sealed class WebhookOptionsValidator() : OptionsValidator<WebhookOptions>(WebhookOptions.Section)
{
    /// <summary>Headers that the client sets itself.</summary>
    private static readonly string[] Reserved = ["Authorization", "Connection", "Host", "Transfer-Encoding"];

    protected override IEnumerable<string> Check(WebhookOptions options)
    {
        if (options.Url is { } url && url.Scheme is not ("http" or "https"))
        {
            yield return $"{WebhookOptions.Section}:Url must start with http:// or https://; got \"{url.Scheme}://\".";
        }

        if (options is { Url.UserInfo.Length: > 0, Authorization: not null })
        {
            yield return $"{WebhookOptions.Section}:Url contains a user, and {WebhookOptions.Section}:Authorization is set; remove one.";
        }

        if (options is { KeyFile: not null, CertificateFile: null })
        {
            yield return $"{WebhookOptions.Section}:KeyFile requires {WebhookOptions.Section}:CertificateFile.";
        }

        foreach (var failure in CertificateFile.Missing(WebhookOptions.Section, options.CaFile, options.CertificateFile, options.KeyFile))
        {
            yield return failure;
        }

        using var request = new HttpRequestMessage();
        foreach (var (name, value) in options.Headers)
        {
            if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{WebhookOptions.Section}:Headers must not contain {name}; use Authorization or the Url.";
            }
            else if (!request.Headers.TryAddWithoutValidation(name, value) || value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            {
                // The value can be a secret.
                yield return $"{WebhookOptions.Section}:Headers:{name} is not a valid header of a request.";
            }
        }
    }
}
