using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>The fields of a form that a page of this silo sends.</summary>
internal static class FormBody
{
    /// <returns>The fields; none: the request has no form.</returns>
    /// <exception cref="BadHttpRequestException">The form is not well-formed, too large or too slow.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            throw new BadHttpRequestException("The form is not well-formed.", e);
        }
    }
}
