using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks <see cref="HttpOptions"/>.</summary>
internal sealed class HttpOptionsValidator() : OptionsValidator<HttpOptions>(HttpOptions.Section)
{
    protected override IEnumerable<string> Check(HttpOptions options) => options.Keys
        .GroupBy(key => key.Name)
        .Where(keys => keys.Count() > 1)
        .Select(keys => $"{HttpOptions.Section}:Keys must have different names; got \"{keys.Key}\" twice.");
}
