"""Runs Amazon Rekognition Custom Labels models by a business-hours schedule, and loses no message.

Fifteen words, each with one meaning in the code, the log, the CLI and the documents:

pipeline    a model, the SQS queue with its work, and the consumer; the unit that a schedule is applied to
model       one version of a Rekognition Custom Labels project; it is billed while RUNNING, used or not
mapping     the Lambda event source mapping that feeds the consumer from the queue: the switch of consumption
consumer    the Lambda function behind the mapping, which sends images to the model
opening     a time span in which the schedule says open; the time between two openings is a closure
override    an exception to the weekly hours for dates or a time span, written in the file
hold        a desired state set by an operator until an instant, whatever the schedule says
desired     ON (model and consumption), WARM (model only), OFF, or AS_IS (change nothing)
observed    the state of a pipeline as AWS reports it, read once per tick
fact        something that is read from AWS only when a decision needs it: counts, age, unit-hours, function
drain       the wait between the end of consumption and the stop of the model, for the work in flight
lead        how long before an opening the model is started
rescue      a run during a closure because a message would expire before the next opening
tick        one pass over all pipelines: observe, decide, act, report
condition   the result for people and alarms, as in Kubernetes: Ready, Progressing, Stalled, Drifted
"""
