using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Registry;

namespace GrainSensors.Sensors;

/// <summary>The options that select registered sensors.</summary>
internal sealed class FilterOptions
{
    public Option<string[]> Tags { get; } = new("--tag")
    {
        HelpName = "KEY=VALUE",
        Description = "Only sensors with this tag; may be repeated, and sensors have all of them",
    };

    public Option<string?> Text { get; } = new("--query")
    {
        HelpName = "TEXT",
        Description = "Only sensors with these words in name, place or tags, or whose id begins with them",
    };

    public Option<string?> Place { get; } = new("--place")
    {
        HelpName = "TEXT",
        Description = "Only sensors with this text in city or station",
    };

    /// <exception cref="UsageException">A tag is invalid.</exception>
    public SensorFilter Of(ParseResult result)
    {
        try
        {
            return SensorFilter.Of(result.GetValue(Tags), result.GetValue(Text), result.GetValue(Place));
        }
        catch (FormatException e)
        {
            throw new UsageException($"--tag is invalid. {e.Message}");
        }
    }
}
