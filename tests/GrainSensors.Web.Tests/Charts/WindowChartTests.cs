using GrainSensors.Web.Charts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Web.Tests.Charts;

/// <summary>Alerts on the chart of windows.</summary>
public sealed class WindowChartTests
{
    [Fact]
    public async Task An_alert_is_shaded_while_it_was_open_and_marked_once()
    {
        List<ChartPoint> points = [.. Enumerable.Range(0, 10).Select(i => new ChartPoint(i * 100, (i + 1) * 100, 1, i, i, i, true))];
        var flapping = new ChartMark(100, true, "Sensor 7: disconnected", [(100, 150), (600, 650), (2000, 2100)]);
        var before = new ChartMark(-500, false, "Sensor 7: extreme", [(-500, -400)]);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<WindowChart>(
            ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(WindowChart.Points)] = points,
                [nameof(WindowChart.Marks)] = new[] { flapping, before },
                [nameof(WindowChart.From)] = 0L,
                [nameof(WindowChart.To)] = 1000L,
                [nameof(WindowChart.Label)] = "Temperature",
            }))).ToHtmlString());

        const string Shade = "M100 0L150 0L150 300L100 300ZM600 0L650 0L650 300L600 300Z";
        Assert.Contains($"""<path class="alert" d="{Shade}">""", html, StringComparison.Ordinal);
        Assert.Contains("""class="alert-mark " style="left:10%" title="Sensor 7: disconnected">""", html, StringComparison.Ordinal);
        Assert.DoesNotContain("extreme", html, StringComparison.Ordinal);
    }
}
