using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks <see cref="OidcOptions"/>.</summary>
internal sealed class OidcOptionsValidator() : OptionsValidator<OidcOptions>(OidcOptions.Section)
{
    protected override IEnumerable<string> Check(OidcOptions options)
    {
        if (options.Authority is not { } authority)
        {
            yield break;
        }

        if (authority.Scheme != "https" && !authority.IsLoopback)
        {
            yield return $"{OidcOptions.Section}:Authority must start with https://; got \"{authority}\".";
        }

        if (options.ClientId.Length == 0)
        {
            yield return $"{OidcOptions.Section}:Authority requires {OidcOptions.Section}:ClientId.";
        }

        if ($"{options.AdminValues}{options.ReadValues}".Trim(' ', ',').Length == 0)
        {
            yield return $"{OidcOptions.Section}:Authority requires {OidcOptions.Section}:AdminValues or :ReadValues; "
                + "otherwise no user has access.";
        }

        if (!options.Scopes.Split(' ').Contains("openid"))
        {
            yield return $"{OidcOptions.Section}:Scopes must contain openid; got \"{options.Scopes}\".";
        }
    }
}
