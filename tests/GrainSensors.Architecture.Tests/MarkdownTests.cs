using GrainSensors.Architecture.Tests.Documents;

namespace GrainSensors.Architecture.Tests;

/// <summary>The reader of documents, on small ones.</summary>
public sealed class MarkdownTests
{
    [Fact]
    public void Code_blocks_spans_links_and_anchors_are_told_apart()
    {
        var document = new MarkdownFile(
            "docs/x.md",
            """
            # Dead letters: `dlq list`
            See [the plan](plan.md#a "Plan") and ![a picture](images/a.png), not `[this](one.md)`.
            ## Alerts
            ## Alerts
            ```sh
            grainsensors dlq list \
              --reason late
            [no](link.md)
            ```
            A span that `goes
            on`.
            """);
        Assert.Equal(["dead-letters-dlq-list", "alerts", "alerts-1"], document.Anchors);
        Assert.Equal(["plan.md#a", "images/a.png"], document.Links.Select(link => link.Text));
        Assert.Equal(new(6, "grainsensors dlq list   --reason late"), document.CodeLines.First());
        Assert.Equal([new(1, "dlq list"), new(2, "[this](one.md)"), new(10, "goes on")], document.CodeSpans);
    }

    [Theory]
    [InlineData("$ A=1 B=2 grainsensors silo --http-port 8081 &", "silo --http-port 8081")]
    [InlineData("grainsensors produce | tee log.txt 2>&1 # until Ctrl-C", "produce")]
    [InlineData("cd x && dotnet run -c Release --project src/GrainSensors -- report > report.txt", "report")]
    [InlineData("dotnet run --project src/GrainSensors", "")]
    [InlineData("kubectl exec deploy/silo -- grainsensors status --json", "status --json")]
    [InlineData("""grainsensors replay --store "postgres:Host=a;Database=b" a.csv""", "replay --store postgres:Host=a;Database=b a.csv")]
    public void Calls_of_the_executable_are_found(string line, string arguments) =>
        Assert.Equal(arguments, string.Join(' ', Assert.Single(ExecutableCall.In(line))));

    [Theory]
    [InlineData("docker compose exec postgres psql -U grainsensors grainsensors")]
    [InlineData("dotnet run --project tests/GrainSensors.Benchmarks -- latency")]
    [InlineData("Cluster grainsensors: healthy, lag 0")]
    [InlineData("grainsensors COMMAND --help")]
    public void Other_lines_are_left_alone(string line) => Assert.Empty(ExecutableCall.In(line));

    [Theory]
    [InlineData("produce --for 10m")]
    [InlineData("replay FILE --kafka BROKERS")]
    [InlineData("--period PT1M")]
    [InlineData("replay --help")]
    public void Right_arguments_parse(string arguments) => Assert.Null(ExecutableCall.Refuse(arguments.Split(' ')));

    [Theory]
    [InlineData("produce --sensorz 7")]
    [InlineData("produce --sensors many")]
    [InlineData("replay")]
    [InlineData("produce --sensors 0")]
    [InlineData("broker --partitions 1001")]
    [InlineData("dlq list --limit few")]
    [InlineData("report --output")]
    [InlineData("report --output a.html --format")]
    [InlineData("sensors import --example=maybe")]
    [InlineData("dlq requeue --all-open=maybe")]
    [InlineData("dlq requeue --limit")]
    [InlineData("silence add --sensor --for")]
    [InlineData("silence add --all=maybe --for 2h --reason probe")]
    [InlineData("silence add --sensor a\u0001b --for 2h --reason probe")]
    [InlineData("silence add --sensor 7 --for 2h")]
    public void Wrong_arguments_are_refused(string arguments) => Assert.NotNull(ExecutableCall.Refuse(arguments.Split(' ')));

    [Theory]
    [InlineData("grainsensors silence")]
    [InlineData("silence add --for")]
    [InlineData("silence add --sensor 7 --for 2h --reason probe")]
    [InlineData("status")]
    [InlineData("status of nothing")]
    [InlineData("git log --oneline")]
    public void Right_mentions_pass(string text) => Assert.Null(ExecutableCall.RefuseMention(text));

    [Theory]
    [InlineData("grainsensors silense")]
    [InlineData("silence add --until-tomorrow")]
    [InlineData("silence add --sensor 7 --for 2h")]
    public void Wrong_mentions_are_refused(string text) => Assert.NotNull(ExecutableCall.RefuseMention(text));
}
