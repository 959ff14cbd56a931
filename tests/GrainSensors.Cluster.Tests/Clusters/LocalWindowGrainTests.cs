using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>What loops on the same silo hold of a window grain.</summary>
[Trait("Category", "System")]
public sealed class WindowActivationTests
{
    [Fact]
    public async Task One_that_has_ended_takes_nothing_more_and_keeps_nobody_waiting()
    {
        await using var cluster = await PipelineCluster.StartAsync(1);
        var activations = cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<ILocalWindowGrains>();
        var grain = cluster.Cluster.Client.GetGrain<IWindowGrain>(7, PipelineCluster.Period.ToString(), null);
        var source = new SourceId(Guid.NewGuid(), 0);
        await grain.Flush(source, default);
        var activation = activations.Find(7, PipelineCluster.Period)!;
        Assert.True(activation.IsLive);
        var answer = new long?[1];
        await activations.FlushAsync(source, default, new[] { activation }, answer);
        Assert.Equal(Marks.None, answer[0]);

        await grain.Release();
        await Until.Async(() => !activation.IsLive, () => "the grain is still active", TimeSpan.FromSeconds(30));

        var turns = 0;
        activation.QueueTurn(_ => turns++, this);
        Assert.Equal(1, turns);
        Assert.False(activation.TryAdd(source, new(new(), 0, 0), Marks.None, Guid.Empty, out _));
        answer[0] = null;
        await activations.FlushAsync(source, default, new[] { activation }, answer);
        Assert.Null(answer[0]);
        await Until.Async(
            () => activations.Find(7, PipelineCluster.Period) is null,
            () => "it can still be found",
            TimeSpan.FromSeconds(30));
    }
}
