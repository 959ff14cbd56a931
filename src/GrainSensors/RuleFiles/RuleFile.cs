using System.Text.Json;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Yaml;

namespace GrainSensors.RuleFiles;

/// <summary>A YAML file of alert rules, a document each.</summary>
internal static class RuleFile
{
    /// <returns>The rules as the API takes them, each with its id.</returns>
    /// <exception cref="UsageException">The file cannot be read, or a rule has no id; the message has the line or the document.</exception>
    public static IReadOnlyList<(string Id, JsonElement Json)> Read(string path)
    {
        try
        {
            using var reader = path == "-" ? Console.In : File.OpenText(path);
            return Parse(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Checks rules that this program applies itself.</summary>
    /// <param name="path">For messages.</param>
    /// <exception cref="UsageException">A rule is invalid.</exception>
    public static IReadOnlyList<AlertRule> Check(
        IReadOnlyList<(string Id, JsonElement Json)> rules, string path, MeasurementSet measurements) =>
    [
        .. rules.Select(rule =>
        {
            try
            {
                return RuleBook.Check(rule.Json, measurements);
            }
            catch (FormatException e)
            {
                throw new UsageException($"{path}, rule {rule.Id}: {e.Message}", e);
            }
        }),
    ];

    /// <param name="path">For messages.</param>
    internal static IReadOnlyList<(string Id, JsonElement Json)> Parse(TextReader reader, string path)
    {
        try
        {
            return RuleYaml.Read(reader);
        }
        catch (DocumentException e)
        {
            throw new UsageException(e.In(path), e);
        }
    }
}
