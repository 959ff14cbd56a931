using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Web.Reports;

/// <summary>The report as one HTML file with its styles and charts, and without scripts.</summary>
internal static class ReportHtml
{
    public static async Task<string> RenderAsync(DailyReport report)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ReportPage.Report)] = report });
            return (await renderer.RenderComponentAsync<ReportPage>(parameters)).ToHtmlString();
        });
    }
}
