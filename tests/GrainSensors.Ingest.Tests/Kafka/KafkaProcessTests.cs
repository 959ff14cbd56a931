using System.Diagnostics;
using System.Text;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>How the tests start and stop an installed broker. Scripts that record their arguments replace it.</summary>
[Trait("Category", "System")]
public sealed class KafkaProcessTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("grainsensors-home-").FullName;

    private string Calls => Path.Combine(_home, "calls");

    [Fact]
    public async Task It_formats_its_storage_starts_and_leaves_nothing_behind()
    {
        Script("kafka-storage.sh", $"echo \"storage $@\" >> {Calls}; cp \"$4\" {_home}/properties");
        Script(
            "kafka-server-start.sh",
            $"trap 'echo stopped >> {Calls}; exit 143' TERM; echo \"server $@\" >> {Calls}; while :; do sleep 0.1; done");

        string servers;
        await using (var kafka = await KafkaProcess.StartAsync(
            _home, kafka => Until.Async(() => ReadCalls().Length == 2, () => kafka.Output, TimeSpan.FromSeconds(20))))
        {
            servers = kafka.BootstrapServers;
            Assert.False(kafka.HasExited);
        }

        var calls = ReadCalls();
        Assert.Matches("^storage format --cluster-id=[A-Za-z0-9_-]{22} -c /.+/server\\.properties$", calls[0]);
        var settings = calls[0].Split(' ')[^1];
        Assert.Equal([$"server {settings}", "stopped"], calls[1..]);
        Assert.False(Directory.Exists(Path.GetDirectoryName(settings)), "the directory is still there");
        var properties = await File.ReadAllLinesAsync(Path.Combine(_home, "properties"), TestContext.Current.CancellationToken);
        Assert.Contains("process.roles=broker,controller", properties);
        Assert.Contains($"advertised.listeners=PLAINTEXT://{servers}", properties);
        Assert.Contains($"log.dirs={Path.GetDirectoryName(settings)}/data", properties);
    }

    [Fact]
    public async Task Storage_that_cannot_be_formatted_is_a_failure_with_its_words()
    {
        Script("kafka-storage.sh", "echo no java here >&2; exit 1");

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => KafkaProcess.StartAsync(_home, _ => Task.CompletedTask));

        Assert.Contains("no java here", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private string[] ReadCalls() => File.Exists(Calls) ? File.ReadAllLines(Calls) : [];

    private void Script(string name, string text)
    {
        var path = Directory.CreateDirectory(Path.Combine(_home, "bin")).FullName + $"/{name}";
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{text}\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        using var chmod = Process.Start("chmod", ["+x", path]);
        chmod.WaitForExit();
    }
}
