using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>What <c>/metrics</c> answers, in Prometheus' text format.</summary>
public sealed class Exposition
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    public Exposition(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var name = line[..line.IndexOfAny(['{', ' '])];
            var labelsEnd = line[name.Length] == '{' ? line.LastIndexOf('}') + 1 : name.Length;
            var value = line[labelsEnd..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            _samples.Add((name, line[name.Length..labelsEnd], double.Parse(value, CultureInfo.InvariantCulture)));
        }
    }

    public string Text { get; }

    /// <summary>Of series, as queries name them: with <c>_bucket</c>, <c>_sum</c> and <c>_count</c>.</summary>
    public IReadOnlySet<string> Names => _samples.Select(sample => sample.Name).ToHashSet();

    /// <param name="label">Such as <c>reason="not-json"</c>.</param>
    public double Sum(string name, string label = "") =>
        _samples
            .Where(sample => sample.Name == name && sample.Labels.Contains(label, StringComparison.Ordinal))
            .Sum(sample => sample.Value);
}
