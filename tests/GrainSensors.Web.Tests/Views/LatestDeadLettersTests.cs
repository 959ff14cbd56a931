using GrainSensors.Ingest.Producing;
using GrainSensors.Web.Views;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Views;

/// <summary>The dead letters of the cluster page, which many people may have open.</summary>
[Trait("Category", "System")]
public sealed class LatestDeadLettersTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Pages_that_ask_together_share_a_read_of_what_is_there_when_they_ask()
    {
        var stop = TestContext.Current.CancellationToken;
        var letters = server.Services.GetRequiredService<LatestDeadLetters>();
        var producer = server.Services.GetRequiredService<ReadingProducer>();
        for (var written = 1; written <= 3; written++)
        {
            await producer.AppendAsync(9, "no reading at all"u8.ToArray(), cancellationToken: stop);
            await Until.Async(() => server.Status.Totals.Rejected == written, () => server.Status.ToString(), TimeSpan.FromSeconds(30));
            await Until.Async(
                async () => (await letters.ReadAsync(stop)).Count == written, () => $"not {written} letters", TimeSpan.FromSeconds(30));

            var before = letters.Reads;
            var found = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => letters.ReadAsync(stop)));

            Assert.All(found, page => Assert.Equal(written, page.Count));
            Assert.InRange(letters.Reads - before, 1, 2);
        }
    }
}
