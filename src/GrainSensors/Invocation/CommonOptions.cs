using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Invocation;

/// <summary>Options that several commands have; each is a key of the configuration too.</summary>
internal static class CommonOptions
{
    public static Option<string?> Store(string description) => new("--store") { HelpName = "sqlite:PATH|postgres:CONNECTION", Description = description };

    public static Option<string?> Postgres() => new("--postgres")
    {
        HelpName = "CONNECTION",
        Description = "Connection string of the database; everybody on this machine can see a password here, so rather set GrainSensors__Postgres__ConnectionString or PGPASSFILE",
    };

    public static Option<string?> Period() => new("--period")
    {
        HelpName = "DURATION",
        Description = "Length of the windows, an ISO 8601 duration of whole seconds such as PT1M, PT15M or P1D [default: PT15M]",
    };

    public static Option<string?> Kafka(string description) => new("--kafka") { HelpName = "HOST:PORT", Description = description };

    public static Option<string?> Topic() => new("--topic") { HelpName = "NAME", Description = "The topic of the readings [default: sensor-data]" };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON object" };

    /// <summary>
    /// Parses the value of an option. Validators run before the library reports a value that does not convert, and reading such a
    /// value there throws; so conversion and range are one step.
    /// </summary>
    public static int Integer(ArgumentResult result, int least, int most)
    {
        var text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} must be an integer from {least} to {most}; got \"{text}\".");
        return 0;
    }

    /// <summary>What the command line says, by the names of <see cref="PipelineOptions"/>.</summary>
    public static Dictionary<string, string?> Overrides(params (string Key, string? Value)[] values) => values.ToDictionary(v => v.Key, v => v.Value);
}
