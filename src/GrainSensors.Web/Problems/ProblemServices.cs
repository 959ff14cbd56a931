using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GrainSensors.Web.Problems;

/// <summary>Registers the one shape of errors. Repeated calls change nothing.</summary>
internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        // Before ASP.NET Core's own writer, which answers only requests that accept JSON.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProblemDetailsWriter, ProblemJsonWriter>());
        return services.AddProblemDetails();
    }
}
