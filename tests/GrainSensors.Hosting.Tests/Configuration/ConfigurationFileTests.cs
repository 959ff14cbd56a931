using System.Reflection;
using System.Text.RegularExpressions;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>The example, the schema and docs/configuration.md have every key of the options, and no other key.</summary>
public sealed partial class ConfigurationFileTests
{
    private const string Variable = "GRAINSENSORS_UPDATE_CONFIGURATION";

    [Theory]
    [InlineData(ConfigurationFiles.ExamplePath)]
    [InlineData(ConfigurationFiles.SchemaPath)]
    public void The_file_is_that_of_the_options(string path)
    {
        var expected = path == ConfigurationFiles.ExamplePath ? ConfigurationFiles.Example() : ConfigurationFiles.Schema();
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(RepositoryFiles.PathOf(path), expected);
        }

        Assert.True(
            RepositoryFiles.Read(path).ReplaceLineEndings("\n") == expected,
            $"{path} differs from the options; run this test once with {Variable}=1 and commit the file.");
    }

    [Fact]
    public void The_example_holds_the_defaults()
    {
        var path = RepositoryFiles.PathOf(ConfigurationFiles.ExamplePath);
        var example = PipelineConfiguration.From(new ConfigurationBuilder().AddJsonFile(path).Build());
        var defaults = PipelineConfiguration.From(new ConfigurationBuilder().Build());

        Assert.Equal(Values(defaults.Options).ToDictionary(), Values(example.Options).ToDictionary());
        Assert.Equal(defaults.Cluster, example.Cluster);
    }

    [Fact]
    public void The_documentation_lists_every_key()
    {
        var known = OptionKeys.Paths(typeof(PipelineOptions), "").Select(path => path[1..])
            .Concat(OptionKeys.Paths(typeof(ClusterIdentityOptions), ClusterIdentityOptions.Section));

        Assert.Equal(known.Order(), Documented().Select(row => row.Key).Order());
    }

    [Fact]
    public void The_documentation_has_the_right_defaults()
    {
        var defaults = Values(new PipelineOptions()).ToDictionary();

        Assert.All(Documented().Where(row => row.Default is not null && row.Key.Split(':')[0] != ClusterIdentityOptions.Section), row =>
        {
            var (property, value) = defaults[row.Key];
            Assert.Equal(value ?? row.Default, value is null ? row.Default : OptionText.Read(property, row.Key, row.Default!, out _));
        });
    }

    /// <returns>The keys of the tables. A cell may abbreviate all but the first of its keys: <c>`A:Name`, `:Min`</c>.</returns>
    private static IEnumerable<(string Key, string? Default)> Documented()
    {
        var hasOptions = false;
        var lines = RepositoryFiles.Read("docs/configuration.md").Split('\n');
        foreach (var line in lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal)))
        {
            var cells = line.Trim('|').Split('|').Select(cell => cell.Trim()).ToList();
            if (cells[0] == "key")
            {
                hasOptions = cells[1] == "option";
                continue;
            }

            var names = Code().Matches(cells[0]).Select(match => match.Groups[1].Value).ToList();
            var value = Code().Match(cells[hasOptions ? 2 : 1]) is { Success: true } code && names.Count == 1 ? code.Groups[1].Value : null;
            foreach (var name in names)
            {
                var full = name.StartsWith(':') ? names[0][..names[0].LastIndexOf(':')] + name : name;
                yield return (Names().Replace(full, ""), value);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, (PropertyInfo Property, object? Value)>> Values(object options, string prefix = "") =>
        OptionKeys.Of(options.GetType()).SelectMany(property =>
        {
            var (path, value) = ($"{prefix}{property.Name}", property.GetValue(options));
            return OptionKeys.IsValue(property.PropertyType) ? [KeyValuePair.Create(path, (property, value))]
                : OptionKeys.IsMap(property.PropertyType) || OptionKeys.ElementOf(property.PropertyType) is not null ? []
                : Values(value!, $"{path}:");
        });

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    /// <summary>Names that stand for those of measurements, rules and client properties.</summary>
    [GeneratedRegex(":[A-Z]{2,}")]
    private static partial Regex Names();
}
