using GrainSensors.Invocation;

namespace GrainSensors.Tests.Invocation;

/// <summary>Errors of command lines: what is wrong, the offending value, and what to do.</summary>
public sealed class ParseErrorTests
{
    [Theory]
    [InlineData("stauts", "Unknown command \"stauts\"; did you mean \"status\"?")]
    [InlineData("dlq lsit", "Unknown command \"lsit\"; did you mean \"list\"?")]
    [InlineData("frobnicate", "Unknown command \"frobnicate\". See")]
    [InlineData("run --sensor 3", "Unknown option \"--sensor\"; did you mean \"--sensors\"? See")]
    [InlineData("run --nonsense", "Unknown option \"--nonsense\". See")]
    [InlineData("status now", "Unknown argument \"now\". See `grainsensors status --help`.")]
    [InlineData("replay", "FILE is required.")]
    [InlineData("dlq", "Give a subcommand: list, show, requeue. See `grainsensors dlq --help`.")]
    [InlineData("dlq show", "ID is required. See `grainsensors dlq show --help`.")]
    [InlineData("silence add --all --for 2h", "--reason TEXT is required.")]
    [InlineData("run --sensors", "--sensors needs a value: --sensors N.")]
    [InlineData("run --sensors many", "--sensors must be an integer from 0 to 10000000; got \"many\".")]
    [InlineData("run --http-port 99999", "--http-port must be an integer from 0 to 65535; got \"99999\".")]
    [InlineData("silence add --sensor a\u0001b --for 1h --reason x", "--sensor must be a sensor id, or a name of 1 to 200 characters")]
    [InlineData("sensors remove 7 a\u0001b", "SENSOR must be a sensor id, or a name of 1 to 200 characters")]
    [InlineData("sensors show a\u0001b", "SENSOR must be a sensor id, or a name of 1 to 200 characters")]
    [InlineData("status --json maybe", "Unknown argument \"maybe\".")]
    [InlineData("status --json=maybe", "Unknown argument \"maybe\".")]
    [InlineData("report --format xml --output a", "--format must be table, csv, json or html; got \"xml\".")]
    [InlineData("report --date 2026-02-30", "--date must be a day such as 2026-11-22; got \"2026-02-30\".")]
    [InlineData("reconcile --engine flink", "--engine must be local or spark; got \"flink\".")]
    [InlineData("replay a.csv --speed fast", "--speed must be max, 1x for the recorded pace, or a multiple such as 60x; got \"fast\".")]
    [InlineData("replay a.csv --columns a=b --columns c=d", "--columns is given more than once; give it once.")]
    [InlineData("replay a.csv --time-zone UTC --time-zone Europe/Madrid", "--time-zone is given more than once; give it once.")]
    [InlineData("report --store sqlite:a.db --store sqlite:b.db", "--store is given more than once; give it once.")]
    [InlineData("produce --for 10s --for 20s", "--for is given more than once; give it once.")]
    [InlineData("replay --perod 1m a.csv", "Unknown option \"--perod\"; did you mean \"--period\"?")]
    [InlineData("sensors import --stroe sqlite:a.db a.csv", "Unknown option \"--stroe\"; did you mean \"--store\"?")]
    [InlineData("silence end nope", "ID must be the id of a silence, as `grainsensors silence list` prints it; got \"nope\".")]
    public void An_error_says_what_is_wrong_and_what_to_do(string line, string expected)
    {
        var message = Describe(line);

        Assert.StartsWith(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        Assert.EndsWith("--help`.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--period 15m")]
    [InlineData("--period PT15M")]
    [InlineData("--period 1d")]
    public void Periods_have_the_forms_of_all_durations(string option) =>
        Assert.Empty(CommandTree.Create().Parse($"run {option}").Errors);

    [Theory]
    [InlineData("run --period", "0s", "--period must be whole seconds, minutes, hours or days up to 3660d")]
    [InlineData("run --period", "0.5s", "--period must be whole seconds")]
    [InlineData("migrate --period", "P1M", "--period must be whole seconds")]
    [InlineData("produce --for", "10", "--for must be a duration such as")]
    [InlineData("produce --for", "0s", "--for must be a duration such as")]
    [InlineData("reconcile --last", "a-day", "--last must be a duration such as")]
    [InlineData("report --every", "often", "--every must be a duration such as")]
    [InlineData("silence add --all --reason x --for", "long", "--for must be a duration such as")]
    [InlineData("reconcile --from", "yesterday", "--from must be a time such as")]
    [InlineData("dlq list --to", "soon", "--to must be a time such as")]
    [InlineData("logs --since", "before", "--since must be a duration such as")]
    public void Wrong_durations_and_times_are_named_with_the_accepted_forms(string line, string value, string expected)
    {
        var message = Describe($"{line} {value}");

        Assert.StartsWith(expected, message, StringComparison.Ordinal);
        Assert.Contains($"; got \"{value}\".", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output", "replay", "a.csv", "--output", "")]
    [InlineData("FILE", "replay", "")]
    [InlineData("--reason", "silence", "add", "--all", "--for", "2h", "--reason", " ")]
    [InlineData("--address", "silo", "--address", "")]
    [InlineData("--address-file", "broker", "--address-file", "")]
    public void A_value_that_is_blank_is_named(string name, params string[] line) =>
        Assert.StartsWith(
            $"{name} must not be empty. ", ParseErrors.Find(CommandLine.Parse(CommandTree.Create(), line)), StringComparison.Ordinal);

    private static string Describe(string line)
    {
        var result = CommandLine.Parse(CommandTree.Create(), line.Split(' '));
        Assert.NotEmpty(result.Errors);
        return ParseErrors.Find(result)!;
    }
}
